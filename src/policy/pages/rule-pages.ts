import { listedPages } from './listed-pages.js'
import type { RulePage } from './rule-page.js'

/** The page of every rule, by its id. Text only: what judges does not load it. */
export const rulePages: ReadonlyMap<string, RulePage> = new Map(listedPages)
