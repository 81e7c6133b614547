import type { DatabaseIdentity } from './facts.js'

/** Whether two databases cannot be one by what their servers say. A copy says the same as its original. */
export function contradicts(a: DatabaseIdentity, b: DatabaseIdentity): boolean {
  const systemsDiffer = a.system !== '' && b.system !== '' && a.system !== b.system
  return systemsDiffer || (a.database !== '' && b.database !== '' && a.database !== b.database)
}

/**
 * Whether two databases say that they are one: by the server's identifier and the oid, or by the identifier row.
 * Copies and liars do as well, so it proves nothing.
 */
export function claimsToBeSame(a: DatabaseIdentity, b: DatabaseIdentity): boolean {
  if (a.system !== '' && b.system !== '') return a.system === b.system && a.database === b.database
  return a.identifier !== null && a.identifier === b.identifier
}
