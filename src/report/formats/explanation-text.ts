import type { Explanation } from '../../policy/explain/explanation.js'
import type { HistoryEntry, HistoryState } from '../../policy/explain/history-table.js'
import type { OperatorStep, OperatorSteps } from '../../policy/explain/operator-step.js'
import { knownSentences, type SaidAnswer } from '../../policy/explain/said.js'
import { sanitizeText, shorten } from '../../policy/text/sanitize-text.js'
import { findingBlock, indented } from '../parts/finding-block.js'
import { type Page, paint } from '../parts/page.js'
import type { Report } from '../parts/report.js'
import { formatTable } from './table.js'

export interface ExplanationOptions extends Page, Pick<Report, 'documentationUrl'> {}

/**
 * The explanation for people: what the operator does, what a sentence of it means, what is wrong,
 * and every version. No line break at the end.
 */
export function formatExplanation(explanation: Explanation, options: ExplanationOptions): string {
  const { operator, history, findings, unknown, said } = explanation
  const blocks = [
    headLines(explanation, options),
    section('What the operator does', operatorLines(operator, options), options),
    ...(said === undefined
      ? []
      : [section('What that sentence means', saidLines(said, options), options)]),
    section('Cause and remedy', findingLines(findings, options), options),
    ...(unknown.length === 0
      ? []
      : [
          section(
            'Not known',
            unknown.flatMap(reason => indented(sanitizeText(reason), options)),
            options,
          ),
        ]),
    ...(history === null
      ? []
      : [section('Directory and revisions table', historyLines(history, options), options)]),
  ]
  return blocks.map(lines => lines.join('\n')).join('\n\n')
}

function section(title: string, lines: readonly string[], page: Page): readonly string[] {
  return [paint('bold', title, page), ...lines]
}

function headLines(
  { namespace, name, directory, table }: Explanation,
  page: Page,
): readonly string[] {
  return [
    `AtlasMigration ${paint('bold', sanitizeText(`${namespace}/${name}`), page)}`,
    `  directory  ${sanitizeText(directory)}`,
    `  table      ${sanitizeText(table)}`,
  ]
}

function operatorLines(operator: OperatorSteps | null, page: Page): readonly string[] {
  if (operator === null)
    return ['  not known: its directory or its revisions table is not known here']
  const { now, next } = operator
  return [
    ...stepLines('now ', now, page),
    ...(next ? stepLines('next', next, page) : ['  next  the same, until something is changed']),
  ]
}

function stepLines(when: string, { summary, says }: OperatorStep, page: Page): readonly string[] {
  return [
    ...indented(`${when}  ${sanitizeText(summary)}`, page),
    ...(says === null ? [] : indented(`and says: ${sanitizeText(says)}`, page, ' '.repeat(8))),
  ]
}

/** What a sentence means in general, where nothing is known of the AtlasMigration that got it. */
export function formatSaid(said: SaidAnswer | null, page: Page): string {
  const next =
    said === null
      ? []
      : [
          '',
          ...indented(
            'which of these it is, it says with the manifests: explain FILE --said',
            page,
          ),
        ]
  return [...section('What that sentence means', saidLines(said, page), page), ...next].join('\n')
}

function saidLines(said: SaidAnswer | null, page: Page): readonly string[] {
  if (said === null)
    return [
      '  it is not known here; known are those with',
      ...knownSentences.map(sentence => `    ${sentence}`),
    ]
  const end = conclusion(said)
  return [
    ...indented(said.meaning, page),
    ...said.causes.flatMap(cause => causeLines(cause, page)),
    ...(end === null ? [] : indented(end, page)),
    ...(said.advice === '' ? [] : indented(`mind: ${said.advice}`, page)),
  ]
}

const stateWords = {
  this: 'it is     ',
  possible: 'perhaps   ',
  'ruled-out': 'ruled out ',
} as const

const stateColors = { this: 'red', possible: 'yellow', 'ruled-out': 'gray' } as const

function causeLines(cause: SaidAnswer['causes'][number], page: Page): readonly string[] {
  const indent = ' '.repeat(13)
  const word = paint(stateColors[cause.state], stateWords[cause.state], page)
  const [first = '', ...rest] = indented(cause.text, page, indent)
  return [
    `  ${word} ${first.trimStart()}`,
    ...rest,
    ...(cause.state === 'this'
      ? [
          ...indented(`here: ${sanitizeText(cause.because)}`, page, indent),
          ...indented(`fix: ${sanitizeText(cause.remedy)}`, page, indent),
        ]
      : []),
  ]
}

/** The conclusion on the sentence; null where the causes tell it all. */
function conclusion({ again, causes }: SaidAnswer): string | null {
  if (again === true) return 'the operator would say it again now'
  if (causes.some(({ state }) => state === 'this')) return null
  return causes.some(({ state }) => state === 'possible')
    ? 'which of these it is cannot be told from what is known here'
    : 'it would not be said now: what led to it has changed since, or is not seen here'
}

function findingLines(
  findings: Explanation['findings'],
  options: ExplanationOptions,
): readonly string[] {
  if (findings.length === 0) return ['  no rule finds anything wrong']
  return findings.flatMap(judged =>
    findingBlock({ judged, place: null }, { report: options, page: options }),
  )
}

/** From this many files of one kind on, a run is shown in one line. */
const longRun = 6

function historyLines(history: readonly HistoryEntry[], page: Page): readonly string[] {
  if (history.length === 0) return ['  neither files nor rows']
  const isOne = history.every(({ chain }) => chain === null || chain === 0)
  const columns = [
    { title: 'VERSION' },
    { title: 'FILE' },
    { title: 'ROW' },
    ...(isOne ? [] : [{ title: 'LINEAGE' }]),
    { title: 'STATE' },
  ]
  const rows = foldRuns(history).map(part =>
    'folded' in part
      ? ['...', `${part.folded} more`, '', ...(isOne ? [] : ['']), '']
      : entryCells(part, isOne, page),
  )
  return formatTable(columns, rows, page).split('\n')
}

type Folded = { readonly folded: number }

/** Keeps the first and the last of a long run of entries of one kind. */
function foldRuns(history: readonly HistoryEntry[]): readonly (HistoryEntry | Folded)[] {
  const runs: HistoryEntry[][] = []
  for (const entry of history) {
    const run = runs.at(-1)
    if (run?.[0] && isAlike(run[0], entry)) run.push(entry)
    else runs.push([entry])
  }
  return runs.flatMap(run => {
    const [first, last] = [run[0], run.at(-1)]
    if (!first || !last || run.length < longRun) return run
    return [first, { folded: run.length - 2 }, last]
  })
}

function isAlike(a: HistoryEntry, b: HistoryEntry): boolean {
  return a.state === b.state && a.chain === b.chain && a.note === b.note
}

/** Longest name or description. The JSON has them in full. */
const longest = 48

function entryCells(
  { version, file, row, chain, state, note }: HistoryEntry,
  isOne: boolean,
  page: Page,
): readonly string[] {
  const cell = (text: string) => shorten(sanitizeText(text), longest)
  const letter = chain === null ? '' : chainName(chain)
  const word = paint(colorOf(state), stateText[state], page)
  return [
    cell(version),
    file === null ? '-' : cell(file),
    row === null ? '-' : cell(row === '' ? 'yes' : row),
    ...(isOne ? [] : [letter]),
    note === '' ? word : `${word}: ${sanitizeText(note)}`,
  ]
}

/** A letter for the directory that wrote the row, as far as its hash tells: A, B, C. */
function chainName(chain: number): string {
  return String.fromCodePoint('A'.codePointAt(0)! + Math.min(chain, 25))
}

const stateText: Readonly<Record<HistoryState, string>> = {
  applied: 'applied',
  baseline: 'baseline',
  'set-by-hand': 'set by hand',
  partial: 'partial',
  missing: 'file missing',
  edited: 'edited after it ran',
  'perhaps-edited': 'perhaps edited after it ran',
  renamed: 'renamed after it ran',
  replaced: 'another migration ran under the version',
  pending: 'pending',
  late: 'late',
  'never-runs': 'never runs',
  checkpoint: 'checkpoint, does not run here',
  'checkpoint-skipped': 'a checkpoint stands for it',
}

const harmless: ReadonlySet<HistoryState> = new Set([
  'applied',
  'baseline',
  'set-by-hand',
  'checkpoint',
  'checkpoint-skipped',
])

function colorOf(state: HistoryState): 'green' | 'cyan' | 'red' {
  if (state === 'pending') return 'cyan'
  return harmless.has(state) ? 'green' : 'red'
}
