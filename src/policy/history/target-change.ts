import type { DatabaseIdentity, Facts, Target } from '../facts/facts.js'

/** Whether this write names another database than before, however its host is spelled. */
export function isDatabaseChanged(facts: Facts): boolean {
  const old = facts.before && resolvedTarget(facts.before)
  const now = resolvedTarget(facts)
  if (!facts.before || !old || !now) return false
  const [oldIdentity, identity] = [identityOf(facts.before), identityOf(facts)]
  return oldIdentity !== null && identity !== null
    ? oldIdentity !== identity
    : addressOf(old) !== addressOf(now)
}

/** Whether this write makes the operator use another revisions table than before. */
export function isTableChanged(facts: Facts): boolean {
  const old = facts.before && resolvedTarget(facts.before)
  const now = resolvedTarget(facts)
  if (!old || !now) return false
  return old.revisionsSchema !== now.revisionsSchema || isDatabaseChanged(facts)
}

/** A subject that is equal for one revisions table, whatever its URL, and that tells no host. */
export function tableSubject(facts: Facts, target: Target): string {
  return `${identityOf(facts) ?? target.fingerprint}/${target.revisionsSchema}`
}

export function resolvedTarget(facts: Facts): Target | null {
  return facts.target.kind === 'resolved' ? facts.target.target : null
}

/**
 * The database's identity as text; null when the server does not say which one it is, since oids
 * alone are the same on many servers.
 */
function identityOf(facts: Facts): string | null {
  return facts.table.kind === 'read' ? describeIdentity(facts.table.identity) : null
}

function describeIdentity({ system, database }: DatabaseIdentity): string | null {
  return system === '' ? null : `${system}/${database}`
}

function addressOf({ dialect, host, port, database }: Target): string {
  return JSON.stringify([dialect, host, port, database])
}
