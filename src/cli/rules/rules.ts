import { ruleIds, rules } from '../../policy/rules/catalogue.js'
import type { Rule } from '../../policy/facts/finding.js'
import { nearestName } from '../../policy/text/nearest-name.js'
import type { RulePage } from '../../policy/pages/rule-page.js'
import { rulePages } from '../../policy/pages/rule-pages.js'
import type { Arguments } from '../line/arguments.js'
import type { Output } from '../output/output.js'
import { ruleMarkdown, rulesMarkdown } from './rule-markdown.js'
import { rulesText, ruleText } from './rule-text.js'
import { UsageError } from '../line/usage-error.js'

/**
 * Prints all rules, or the page of one. Returns the exit code.
 * @throws UsageError for an id that no rule has.
 */
export function printRules(args: Arguments, { print, width }: Output): number {
  const [id] = args.operands
  const format = args.text('format') as keyof typeof catalogues
  if (id === undefined) print(catalogues[format](width))
  else print(pages[format](findRule(id), width))
  return 0
}

const catalogues = {
  text: (width: number) => rulesText(rules, width),
  json: () => printJson(rules.map(ruleFacts)),
  markdown: () => rulesMarkdown(rules).trimEnd(),
} as const

const pages = {
  text: (rule: Rule, width: number) => ruleText(rule, pageOf(rule), width),
  json: (rule: Rule) => printJson({ ...ruleFacts(rule), ...pageOf(rule) }),
  markdown: (rule: Rule) => ruleMarkdown(rule, pageOf(rule)).trimEnd(),
} as const

function pageOf({ id }: Rule): RulePage {
  return rulePages.get(id)!
}

function findRule(id: string): Rule {
  const rule = rules.find(rule => rule.id === id)
  if (rule) return rule
  const near = nearestName(id, ruleIds)
  const hint = near === null ? 'see atlas-admission rules' : `did you mean ${near}?`
  throw new UsageError(`no rule "${id}"; ${hint}`)
}

function ruleFacts({
  id,
  title,
  why,
  severity,
  evidence,
  since,
}: Rule): Omit<Rule, 'order' | 'cel' | 'evaluate'> {
  return { id, title, why, severity, evidence, since }
}

function printJson(value: unknown): string {
  return JSON.stringify(value, null, 2)
}
