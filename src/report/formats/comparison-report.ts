import type { Prediction, Reconcile } from '../../atlas/engine/operator.js'
import { isPartial, RevisionType, type Revision } from '../../atlas/engine/revision.js'
import { blocks, type Difference } from '../../policy/comparison/difference.js'
import type { DirectoryView } from '../../policy/explain/directory-view.js'
import { type Outlook, outlookText } from '../../policy/explain/outlook.js'
import type { TableComparison } from '../../policy/comparison/compare-tables.js'
import type { RowComparison } from '../../policy/comparison/row-comparison.js'
import type { ServerFacts, TableExport } from '../../policy/facts/exported-table.js'
import { countOf, listNames } from '../../atlas/text/name-list.js'
import { severityOf, type IntroducedFinding } from '../../policy/enforcement/verdict.js'

/** One side of a comparison, without its rows. Holds no URL and no address. */
export interface ReportedSide {
  /** As the command line names it, such as `env:SHOP_URL`. */
  readonly source: string
  readonly kind: 'table' | 'directory'
  /** Name of the database; empty where it is not known, and for a directory. */
  readonly database: string
  readonly exportedAt: string | null
  readonly revisionsSchema: string | null
  readonly server: ServerFacts | null
  /** Number of rows, or of files; null: there is no table. */
  readonly count: number | null
  /** What the operator would do with the directory; null where it is not known. */
  readonly operator: string | null
  /** The files that the operator would run now; null for none, and where that is not known. */
  readonly willRun: { readonly count: number; readonly files: readonly string[] } | null
}

/** A version that differs between the two sides. */
export interface ReportedRow {
  readonly version: string
  /** `applied`, `partial (1 of 2)`, `file`, or `-` for none. */
  readonly from: string
  readonly to: string
  /** Names of the columns that differ. */
  readonly columns: readonly string[]
}

/** The answer of `compare`, for every output format. Data only. */
export interface ComparisonReport {
  readonly format: 'atlas-admission/comparison'
  readonly formatVersion: 1
  /** safe: TO is a faithful copy, and the operator gets on with the directory there. */
  readonly verdict: 'safe' | 'unsafe'
  /** Whether nothing in the tables is worse in TO than in FROM; null where a side has none. */
  readonly faithful: boolean | null
  readonly sameDatabase: boolean | null
  readonly from: ReportedSide
  readonly to: ReportedSide
  /** The differences, those that block a move first. */
  readonly differences: readonly Difference[]
  readonly rows: readonly ReportedRow[]
  /** Number of versions that are equal on both sides. */
  readonly alike: number
  /** A line for a shell that makes TO what FROM is; null where none is needed, or none would be right. */
  readonly repair: RepairCommand | null
}

/** Copies the revisions table, or the whole database. */
export interface RepairCommand {
  readonly copies: 'table' | 'database'
  readonly command: string
}

export interface NamedTable {
  readonly source: string
  readonly exported: TableExport
}

export interface NamedDirectory {
  readonly source: string
  /** Version of each file. */
  readonly versions: readonly string[]
}

export interface ComparedTables {
  readonly comparison: TableComparison
  readonly view: DirectoryView | null
  readonly repair: RepairCommand | null
}

/** Reports on two tables, and on what a directory does with them where one is given. */
export function reportTables(
  [from, to]: readonly [NamedTable, NamedTable],
  { comparison, view, repair }: ComparedTables,
): ComparisonReport {
  const differences = gravestFirst([
    ...comparison.differences,
    ...(view ? viewDifferences(view, comparison) : []),
  ])
  const rows = comparison.rows.filter(isDifferent)
  return {
    format: 'atlas-admission/comparison',
    formatVersion: 1,
    verdict: verdictOf(differences),
    faithful: comparison.verdict === 'safe',
    sameDatabase: comparison.sameDatabase,
    from: tableSide(from, view && sideView(view, 'from')),
    to: tableSide(to, view && sideView(view, 'to')),
    differences,
    rows: rows.map(({ version, from, to, columns }) => ({
      version,
      from: rowState(from),
      to: rowState(to),
      columns,
    })),
    alike: comparison.rows.length - rows.length,
    repair,
  }
}

/**
 * What the directory adds. Where the operator is Ready in TO, and stays so, what FROM has as well is
 * in nobody's way. Where it fails, a faithful copy fails too.
 */
function viewDifferences(view: DirectoryView, comparison: TableComparison): readonly Difference[] {
  const isQuiet = view.to !== null && view.to.first.action === 'ready' && !isTrouble(view.to)
  const seen = unsaid(view.findings, comparison.differences).map(found =>
    toDifference(found, found.introduced || !isQuiet),
  )
  const isSaid = [...seen, ...comparison.differences].some(({ weight }) => weight === 'blocks')
  if (view.to === null || !isTrouble(view.to) || isSaid) return seen
  return [
    blocks(null, { found: `the operator ${describePrediction(view.to)}`, remedy: '' }),
    ...seen,
  ]
}

/** Whether this reconcile or the next one fails, or undoes migrations. */
export function isTrouble({ first, next }: Prediction): boolean {
  return [first, next].some(step => step && (step.error !== null || step.action === 'down'))
}

interface SideView {
  readonly prediction: Prediction | null
  readonly outlook: Outlook | null
}

function sideView(view: DirectoryView, side: 'from' | 'to'): SideView {
  return { prediction: view[side], outlook: view.outlooks[side] }
}

/**
 * Ids of the rules that follow from one another when the operator finds no rows. Each has a way out
 * of its own.
 */
const tableRules = [
  'revision-table-elsewhere',
  'baseline-required',
  'revision-table-empty',
  'revision-table-incomplete',
]

/**
 * The findings that the comparison of the tables does not explain better: the rules see only one
 * table at a time.
 */
function unsaid(
  findings: readonly IntroducedFinding[],
  differences: readonly Difference[],
): readonly IntroducedFinding[] {
  const said = new Set(differences.map(({ rule }) => rule))
  if (tableRules.some(rule => said.has(rule))) for (const rule of tableRules) said.add(rule)
  return findings.filter(
    ({ rule, finding }) => !said.has(rule.id) && !said.has(finding.partOf ?? ''),
  )
}

/**
 * Reports on a table and the directory that is meant for it. `directoryFirst`: the directory was
 * named as FROM.
 */
export function reportDirectory(
  { table, directory, directoryFirst }: DirectoryPair,
  view: DirectoryView,
): ComparisonReport {
  const differences = gravestFirst(
    view.findings.map(found => toDifference(found, found.introduced)),
  )
  const rows = new Map((table.exported.table.revisions ?? []).map(row => [row.version, row]))
  const files = new Set(directory.versions)
  const versions = [...new Set([...directory.versions, ...rows.keys()])]
  const odd = versions.filter(version => !files.has(version) || !rows.has(version))
  const sides = [tableSide(table, sideView(view, 'to')), directorySide(directory)] as const
  const [from, to] = directoryFirst ? [sides[1], sides[0]] : sides
  return {
    format: 'atlas-admission/comparison',
    formatVersion: 1,
    verdict: verdictOf(differences),
    faithful: null,
    sameDatabase: null,
    from,
    to,
    differences,
    rows: odd.map(version => {
      const states = [rowState(rows.get(version) ?? null), files.has(version) ? 'file' : none]
      const [from = none, to = none] = directoryFirst ? states.toReversed() : states
      return { version, from, to, columns: [] }
    }),
    alike: versions.length - odd.length,
    repair: null,
  }
}

export interface DirectoryPair {
  readonly table: NamedTable
  readonly directory: NamedDirectory
  readonly directoryFirst: boolean
}

function tableSide({ source, exported }: NamedTable, view: SideView | null): ReportedSide {
  const { database, exportedAt, revisionsSchema, server, table } = exported
  return {
    source,
    kind: 'table',
    database,
    exportedAt,
    revisionsSchema,
    server,
    count: table.revisions?.length ?? null,
    operator: view?.prediction ? describePrediction(view.prediction, view.outlook) : null,
    willRun: view?.outlook ? { count: view.outlook.files.length, files: view.outlook.files } : null,
  }
}

function directorySide({ source, versions }: NamedDirectory): ReportedSide {
  const count = versions.length
  const unknown = { database: '', exportedAt: null, revisionsSchema: null, server: null }
  return { source, kind: 'directory', ...unknown, count, operator: null, willRun: null }
}

function verdictOf(differences: readonly Difference[]): 'safe' | 'unsafe' {
  return differences.some(({ weight }) => weight === 'blocks') ? 'unsafe' : 'safe'
}

function gravestFirst(differences: readonly Difference[]): readonly Difference[] {
  const of = (weight: Difference['weight']) => differences.filter(entry => entry.weight === weight)
  return [...of('blocks'), ...of('note')]
}

function toDifference(found: IntroducedFinding, counts: boolean): Difference {
  const { rule, finding } = found
  const isInTheWay = counts && severityOf(found) === 'deny'
  const { found: text, remedy, subjects } = finding
  return {
    weight: isInTheWay ? 'blocks' : 'note',
    rule: rule.id,
    found: text,
    remedy,
    versions: subjects,
  }
}

function isDifferent({ from, to, columns }: RowComparison): boolean {
  return from === null || to === null || columns.length > 0
}

const none = '-'

function rowState(row: Revision | null): string {
  if (row === null) return none
  if (isPartial(row)) return `partial (${row.applied} of ${row.total})`
  if (row.type & RevisionType.baseline) return 'baseline'
  return row.type & RevisionType.resolved ? 'set by hand' : 'applied'
}

/**
 * One sentence on this reconcile, and on the next one if it does something else. `outlook`: the files
 * that it runs now.
 */
export function describePrediction(
  { first, next }: Prediction,
  outlook: Outlook | null = null,
): string {
  const now = outlook ? outlookText(outlook) : describeReconcile(first)
  return next?.action === 'down' || next?.error ? `${now}; then ${describeReconcile(next)}` : now
}

function describeReconcile({ action, error, pending, downTarget }: Reconcile): string {
  if (error !== null) return `fails: ${error.message}`
  if (action === 'down')
    return downTarget === null ? 'goes down, and crashes over it' : `goes down to ${downTarget}`
  return action === 'apply'
    ? `applies ${countOf(pending.length, 'file')}: ${listNames(pending)}`
    : 'is ready, with nothing to run'
}
