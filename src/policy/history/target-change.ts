import type { DatabaseIdentity, Facts, Target } from '../facts/facts.js'
import { claimsToBeSame, contradicts } from '../facts/same-database.js'

/**
 * Whether this write names another database than before. A copy of a database says the same of
 * itself, so what the databases say only refutes that they are one. Another host, port or name is a
 * move unless a proof says otherwise.
 */
export function isDatabaseChanged(facts: Facts): boolean {
  const old = facts.before && resolvedTarget(facts.before)
  const now = resolvedTarget(facts)
  if (!facts.before || !old || !now) return false
  return saysOtherwise(facts.before, facts) || (isMoved(old, now) && !facts.isMoveRefuted)
}

/**
 * Whether both databases say that they are one, so that only a proof is missing: the write names a
 * copy, or another spelling of the same host.
 */
export function isMoveUncertain({ before, table }: Facts): boolean {
  if (before?.table.kind !== 'read' || table.kind !== 'read') return false
  return claimsToBeSame(before.table.identity, table.identity)
}

/** Whether the target has another host, port or name of a database, however the URL is spelled. */
export function isMoved(old: Target, now: Target): boolean {
  return addressOf(old) !== addressOf(now)
}

function saysOtherwise(before: Facts, { table }: Facts): boolean {
  if (before.table.kind !== 'read' || table.kind !== 'read') return false
  return contradicts(before.table.identity, table.identity)
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

export function resolvedTarget(facts: Pick<Facts, 'target'>): Target | null {
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
