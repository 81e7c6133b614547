import type { Rule } from '../facts/finding.js'
import { listedRules } from './listed-rules.js'

/**
 * Every rule, in the order of {@link Rule.order}. The first denied one stands in the first line of
 * a denial, so causes come before their consequences.
 */
export const rules: readonly Rule[] = listedRules.toSorted((a, b) => a.order - b.order)

export const ruleIds: readonly string[] = rules.map(rule => rule.id)
