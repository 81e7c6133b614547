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
  const near = nearestNames(id)
  const hint = near.length === 0 ? 'see atlas-admission rules' : `did you mean ${anyOf(near)}?`
  throw new UsageError(`no rule "${id}"; ${hint}`)
}

/** Several rules begin alike, as with `migrate-down`, so a part of an id stands for all that have it. */
function nearestNames(id: string): readonly string[] {
  const near = nearestName(id, ruleIds)
  if (near !== null) return [near]
  const words = id.toLowerCase().split('-')
  const having = ruleIds.filter(ruleId => words.every(word => ruleId.split('-').includes(word)))
  return having.length > mostNames ? [] : having
}

/** More names than these are a list, which the command prints without an id. */
const mostNames = 5

function anyOf(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(Boolean).join(' or ')
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
