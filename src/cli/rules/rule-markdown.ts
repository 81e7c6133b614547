import type { Rule } from '../../policy/facts/finding.js'
import type { RulePage } from '../../policy/pages/rule-page.js'
import { type Block, ruleSections } from './rule-sections.js'

/** The page of a rule for docs/rules. */
export function ruleMarkdown(rule: Rule, page: RulePage): string {
  const sections = ruleSections(rule, page).map(
    ({ title, blocks }) => `## ${title}\n\n${blocks.map(markdownBlock).join('\n\n')}`,
  )
  return `${[`# ${rule.id}`, rule.title, ...sections].join('\n\n')}\n`
}

function markdownBlock(block: Block): string {
  if (block.kind === 'text') return block.text
  if (block.kind === 'code') return fence(block.language, block.lines)
  if (block.kind === 'message') return fence('text', block.lines)
  const mark = (index: number) => (block.kind === 'steps' ? `${index + 1}.` : '-')
  return block.items.map((item, index) => `${mark(index)} ${item}`).join('\n')
}

function fence(language: string, lines: readonly string[]): string {
  return ['```' + language, ...lines, '```'].join('\n')
}

/** The index of docs/rules. */
export function rulesMarkdown(rules: readonly Rule[]): string {
  const rows = rules.map(
    ({ id, severity, title }) => `| [${id}](${id}.md) | ${severity} | ${escapeCell(title)} |`,
  )
  return `# Rules

Every rule with its default severity, in the order in which a denial names them. The pages are made by \`npm run docs\`
from \`src/policy/pages\`; \`atlas-admission rules ID\` prints the same on a terminal. To have denials link to them, set
\`documentationUrl\` in the policy, with \`{id}\` for the rule:

    documentationUrl: https://github.com/OWNER/atlas-admission/blob/main/docs/rules/{id}.md

| rule | severity | denies or warns when |
|---|---|---|
${rows.join('\n')}
`
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|')
}
