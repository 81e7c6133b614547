import type { Rule } from '../../policy/facts/finding.js'
import type { RulePage } from '../../policy/pages/rule-page.js'
import { type Block, ruleSections, type Section } from './rule-sections.js'
import { wrap } from '../../report/parts/wrap.js'

/** On a narrower terminal the text is not broken further, and the terminal cuts it. */
const leastWidth = 40

/** The page of a rule for a terminal of `width` columns. */
export function ruleText(rule: Rule, page: RulePage, width: number): string {
  const columns = Math.max(width, leastWidth)
  return [
    `${rule.id} (${rule.severity})`,
    ...wrap(rule.title, { width: columns, ...body }),
    ...ruleSections(rule, page).flatMap(section => sectionLines(section, columns)),
  ].join('\n')
}

const body = { first: '  ', indent: '  ' }

function sectionLines({ title, blocks }: Section, width: number): readonly string[] {
  const parts = blocks.map(block => blockLines(block, width))
  return [
    '',
    title.toUpperCase(),
    ...parts.flatMap((lines, at) => (at > 0 ? ['', ...lines] : lines)),
  ]
}

function blockLines(block: Block, width: number): readonly string[] {
  if (block.kind === 'text') return wrap(plain(block.text), { width, ...body })
  if (block.kind === 'code') return block.lines.map(line => `      ${line}`.trimEnd())
  if (block.kind === 'message')
    return block.lines.flatMap(line => wrap(line, { width, first: '      ', indent: '        ' }))
  const mark = (index: number) => (block.kind === 'steps' ? `  ${index + 1}. ` : '  - ')
  return block.items.flatMap((item, index) =>
    wrap(plain(item), { width, first: mark(index), indent: ' '.repeat(mark(index).length) }),
  )
}

/** Makes plain text of Markdown. A link to another page becomes the page's name. */
function plain(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
}

/** Every rule with its severity and its title, which is broken into lines. */
export function rulesText(rules: readonly Rule[], width: number): string {
  const idWidth = Math.max(...rules.map(({ id }) => id.length))
  const margin = ' '.repeat(idWidth + 8)
  const columns = Math.max(width, margin.length + leastWidth)
  return rules
    .flatMap(({ id, severity, title }) =>
      wrap(title, {
        width: columns,
        first: `${id.padEnd(idWidth)}  ${severity.padEnd(4)}  `,
        indent: margin,
      }),
    )
    .join('\n')
}
