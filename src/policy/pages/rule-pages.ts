import { listedPages } from './listed-pages.js'
import type { RulePage } from './rule-page.js'

/**
 * The page of every rule, by its id. Pages are text only, and what judges a write does not load
 * them.
 */
export const rulePages: ReadonlyMap<string, RulePage> = new Map(listedPages)
