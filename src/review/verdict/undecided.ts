import { configReach } from '../../policy/facts/custom-config.js'
import type { Facts, Target } from '../../policy/facts/facts.js'

/**
 * Paths of the references that lead to the database. The others change no verdict when they cannot
 * be read.
 */
const leadsToTarget = /^spec\.(?:urlFrom|credentials|configFrom)\b/

/**
 * Why a verdict is incomplete, in sentences without a secret. An object that does not exist yet is
 * no reason: it has a warning of its own, and its own review when it comes.
 */
export function undecidedReasons(facts: Facts): readonly string[] {
  const { directory, dirState, missing, table } = facts
  const reasons: string[] = []
  if (directory.kind === 'unreadable')
    reasons.push(`ConfigMap ${directory.name} cannot be read: ${directory.reason}`)
  for (const { path, reason, secret, why } of missing)
    if (reason === 'unreadable' && leadsToTarget.test(path))
      reasons.push(`Secret ${secret} (${path}) cannot be read: ${why}`)
  if (table.kind === 'failed') reasons.push(table.message)
  if (dirState.kind === 'unreadable' && facts.prediction?.first.action === 'down')
    reasons.push(`the dir-state Secret cannot be read: ${dirState.reason}`)
  return reasons
}

/** What is left out on purpose. It is said once, and is never a reason to deny. */
export function uncheckedParts(facts: Facts): readonly string[] {
  const parts: string[] = []
  if (facts.directory.kind === 'remote') parts.push('the remote directory')
  const reach = configReach(facts)
  if (reach.target || reach.plan) parts.push('the custom atlas.hcl')
  if (facts.target.kind === 'resolved' && facts.target.target.dialect !== 'postgres')
    parts.push(unreadDatabase(facts.target.target))
  return parts
}

/** Says which database is not read, and how its rows can be given all the same. */
function unreadDatabase({ dialect, host, port, database }: Target): string {
  const kind = dialect === 'other' ? '' : `${dialect} `
  return `the ${kind}database ${host}:${port}/${database} (give its rows with --rows: docs/check.md)`
}
