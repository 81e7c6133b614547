import type { DatabaseIdentity } from './facts.js'

/**
 * Whether what two databases say of themselves proves that they are different. A copy says the same
 * as its original, so agreement proves nothing.
 */
export function contradicts(a: DatabaseIdentity, b: DatabaseIdentity): boolean {
  const systemsDiffer = a.system !== '' && b.system !== '' && a.system !== b.system
  return systemsDiffer || (a.database !== '' && b.database !== '' && a.database !== b.database)
}

/**
 * Whether two databases say that they are one, by the server's identifier and the oid, or by Atlas
 * Cloud's identifier row. A copy, or a server that lies, says so as well.
 */
export function claimsToBeSame(a: DatabaseIdentity, b: DatabaseIdentity): boolean {
  if (a.system !== '' && b.system !== '') return a.system === b.system && a.database === b.database
  return a.identifier !== null && a.identifier === b.identifier
}
