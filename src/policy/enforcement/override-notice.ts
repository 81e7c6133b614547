import type { EnforcementInput, JudgedFinding } from './enforcement.js'
import { isOverridable, parseOverrides } from './override.js'

/**
 * Tells the author of an `atlas-admission.io/allow` annotation what did not help: entries without a
 * reason, entries for rules that the policy does not let objects override, and, when something was
 * denied, entries for rules that found nothing.
 */
export function overrideNotices(
  input: EnforcementInput,
  judged: readonly JudgedFinding[],
): readonly string[] {
  const { overrides, malformed } = parseOverrides(input.facts.migration)
  const denied = judged.some(({ action }) => action === 'deny')
  return [
    ...malformed.map(
      entry => `"${entry}" in the annotation is ignored: expected "<rule-id>: <reason>"`,
    ),
    ...overrides.flatMap(({ rule }) => {
      const found = judged.find(({ rule: { id } }) => id === rule)
      if (found === undefined)
        return denied ? [`the annotation names "${rule}", which found nothing here`] : []
      if (found.severity !== 'deny' || isOverridable(input.settings, rule)) return []
      return [`the annotation for ${rule} is ignored: the policy does not make it overridable`]
    }),
  ]
}
