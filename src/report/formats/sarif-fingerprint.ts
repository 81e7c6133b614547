import { createHash } from 'node:crypto'
import type { JudgedFinding } from '../../policy/enforcement/enforcement.js'

/**
 * An identifier that stays the same for the same finding in the next run, wherever its text has
 * moved and however it is worded. It is made of the rule, the object and the finding's subjects.
 */
export function fingerprint({ rule, object, finding }: JudgedFinding): string {
  const parts = [
    rule.id,
    object.kind,
    object.namespace,
    object.name,
    ...finding.subjects.toSorted(),
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
