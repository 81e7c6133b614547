import type { Severity } from '../../policy/facts/finding.js'
import { findingLines, placeText, rulePage } from './finding-text.js'
import { type Page, paint } from './page.js'
import type { Report, ReportedFinding } from './report.js'
import { wrap } from './wrap.js'

interface BlockContext {
  readonly report: Pick<Report, 'documentationUrl'>
  readonly page: Page
}

const severityColors = { deny: 'red', warn: 'yellow', audit: 'cyan' } as const

const severityWords: Readonly<Record<Severity, string>> = {
  deny: 'deny ',
  warn: 'warn ',
  audit: 'audit',
}

/**
 * Action, rule and place in the first line; below it what was found, what was expected and the way
 * out.
 */
export function findingBlock(
  { judged, place }: ReportedFinding,
  { report, page }: BlockContext,
): readonly string[] {
  const { action, rule } = judged
  const link = action === 'deny' ? rulePage(report, rule.id) : null
  const head = [
    paint(severityColors[action], severityWords[action], page),
    paint('bold', rule.id, page),
    ...(place ? [placeText(place)] : []),
  ]
  return [
    `  ${head.join('  ')}`,
    ...[...findingLines(judged), ...(link === null ? [] : [`see ${link}`])].flatMap(line =>
      indented(line, page, textIndent),
    ),
  ]
}

/** The text begins below the rule's id. */
const textIndent = ' '.repeat(9)

/** On a narrower page the text is not broken further, and the terminal cuts it. */
const leastWidth = 40

export function indented(text: string, page: Page, indent = '  '): readonly string[] {
  const width = Math.max(page.width - indent.length, leastWidth)
  return wrap(text, { width, indent: '  ' }).map(line => indent + line)
}
