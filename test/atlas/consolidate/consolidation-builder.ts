import { applyPending } from '../../../src/atlas/engine/apply.js'
import { consolidate } from '../../../src/atlas/consolidate/consolidate.js'
import type {
  Consolidation,
  ConsolidationDatabase,
  ConsolidationInput,
  ConsolidationSource,
} from '../../../src/atlas/consolidate/consolidation.js'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { compareBytewise } from '../../../src/atlas/text/go-string.js'
import { defaultOptions, planPending, type PlanOptions } from '../../../src/atlas/engine/plan.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import { computeSum, printSum } from '../../../src/atlas/directory/sum.js'

export type Files = Readonly<Record<string, string>>

/** Migration files whose text is their name. */
export function named(...names: readonly string[]): Files {
  return Object.fromEntries(names.map(name => [name, `SELECT '${name}';\n`]))
}

export function withSum(files: Files): Files {
  return { ...files, 'atlas.sum': printSum(computeSum(buildDirectory(files).files)) }
}

export function source(name: string, files: Files): ConsolidationSource {
  return { name, directory: buildDirectory(withSum(files)) }
}

export interface Circumstances {
  readonly options?: Partial<PlanOptions>
  readonly notClean?: string
}

export function database(
  name: string,
  revisions: readonly Revision[] | null,
  { options, notClean }: Circumstances = {},
): ConsolidationDatabase {
  return {
    name,
    state: { revisions, notClean: notClean ?? null },
    options: { ...defaultOptions, ...options },
  }
}

/** Rows after `migrate apply` with the files, one second per row. */
export function run(
  files: Files,
  before: readonly Revision[] = [],
  options: Partial<PlanOptions> = {},
): readonly Revision[] {
  const directory = buildDirectory(withSum(files))
  const state = { revisions: before, notClean: null }
  const plan = planPending(directory, state, { ...defaultOptions, ...options })
  const rows = plan.baselineWritten === null ? before : [...before, plan.baselineWritten]
  const { revisions } = applyPending({
    pending: plan.pending,
    revisions: rows,
    sum: directory.sum(),
    dialect: 'postgres',
  })
  return revisions
    .map((row, i) => (row.executedAt === '' ? { ...row, executedAt: second(i) } : row))
    .sort((a, b) => compareBytewise(a.version, b.version))
}

function second(order: number): string {
  return new Date(Date.UTC(2026, 0, 2) + 1000 * order).toISOString()
}

/** Rows with one of them changed, as by hand. */
export function changeRow(
  rows: readonly Revision[],
  version: string,
  change: Partial<Revision>,
): readonly Revision[] {
  return rows.map(row => (row.version === version ? { ...row, ...change } : row))
}

export interface Situation extends Partial<ConsolidationInput> {
  readonly sources: readonly ConsolidationSource[]
}

export function consolidateSources(situation: Situation): Consolidation {
  return consolidate({ databases: [], dialect: 'postgres', renamePending: false, ...situation })
}

/** `reason on database: found`. */
export function refusalsOf(consolidation: Consolidation): readonly string[] {
  if (consolidation.kind === 'merged') return []
  return consolidation.refusals.map(({ reason, found }) => `${reason}: ${found}`)
}

/** File names, `new name < old name` for a new version; empty when refused. */
export function mergedNames(consolidation: Consolidation): readonly string[] {
  if (consolidation.kind === 'refused') return []
  return consolidation.files.map(({ name, originalName }) =>
    name === originalName ? name : `${name} < ${originalName}`,
  )
}

/** Pending files per database; empty when refused. */
export function pendingOf(consolidation: Consolidation): Readonly<Record<string, string>> {
  if (consolidation.kind === 'refused') return {}
  return Object.fromEntries(
    consolidation.plans.map(({ database, pending }) => [database, pending.join(' ')]),
  )
}

export function notesOf(consolidation: Consolidation): readonly string[] {
  return consolidation.kind === 'refused' ? [] : consolidation.notes
}
