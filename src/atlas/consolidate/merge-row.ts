import type { ConsolidationSource } from './consolidation.js'
import type { MigrationFile } from '../directory/file.js'
import { compareBytewise } from '../text/go-string.js'
import { traceLineage, type Lineage } from '../lineage/lineage.js'
import type { CandidatesByVersion, MergeCandidate } from './merge-candidate.js'
import { rowHash, type Revision } from '../engine/revision.js'

/**
 * Which file ran when a row of the revisions table was written.
 * - ran: the candidate; `change` says whether its text or its name is another today, or null.
 * - unknown: one of several candidates, but neither the row's description nor its hash tells which.
 * - missing: none of the candidates.
 */
export type RowReading =
  | { readonly kind: 'ran'; readonly candidate: MergeCandidate; readonly change: RowChange | null }
  | { readonly kind: 'unknown' | 'missing' }

/**
 * edited: the file's text changed after it ran, or the file failed half-way and was repaired. Both
 * leave the same trace in the row.
 */
export type RowChange = 'edited' | 'renamed'

export type RowReadings = ReadonlyMap<string, RowReading>

interface RowContext {
  readonly groups: CandidatesByVersion
  readonly sources: readonly ConsolidationSource[]
}

/**
 * Finds the file behind every row of a database: by the description, which Atlas never updates, and
 * by the hash.
 */
export function readRows(rows: readonly Revision[], context: RowContext): RowReadings {
  const likely = rows.flatMap(row => likelyCandidate(row, context.groups) ?? [])
  const evidence = traceEvidence(rows, likely, context)
  return new Map(
    rows.map(row => [row.version, readRow(row, context.groups.get(row.version) ?? [], evidence)]),
  )
}

/** A candidate beside the row it is taken for. */
interface Likely {
  readonly row: Revision
  readonly candidate: MergeCandidate
}

function likelyCandidate(row: Revision, groups: CandidatesByVersion): Likely | null {
  const group = groups.get(row.version) ?? []
  const candidate = group.find(({ file }) => file.description === row.description) ?? group[0]
  return candidate === undefined ? null : { row, candidate }
}

type UnexplainedRow = Lineage['unexplained'][number]

/** What the hashes of the rows say of each version. */
interface Evidence {
  readonly likely: ReadonlyMap<string, MergeCandidate>
  readonly unexplained: ReadonlyMap<string, UnexplainedRow>
  readonly sources: readonly ConsolidationSource[]
}

function traceEvidence(
  revisions: readonly Revision[],
  likely: readonly Likely[],
  { groups, sources }: RowContext,
): Evidence {
  const chosen = new Map(likely.map(({ row, candidate }) => [row.version, candidate]))
  // A file without a row may have been in the directory all the same: a baseline skipped it, or the
  // engine passed it by. Hashes of later rows then cover it.
  const files = Array.from(groups, ([version, group]) => (chosen.get(version) ?? group[0]!).file)
  const others = [...sources.map(({ directory }) => directory.files), likely.map(restoreName)]
  const { unexplained } = traceLineage({
    files: sortByName(files),
    revisions,
    others: others.map(sortByName),
  })
  return {
    likely: chosen,
    unexplained: new Map(unexplained.map(row => [row.version, row])),
    sources,
  }
}

function sortByName(files: readonly MigrationFile[]): readonly MigrationFile[] {
  return files.toSorted((a, b) => compareBytewise(a.name, b.name))
}

/**
 * The file under the name that it had when it ran, which the row's version and description tell.
 */
function restoreName({ row, candidate: { file } }: Likely): MigrationFile {
  const { version, description } = row
  if (description === file.description) return file
  return { ...file, description, name: `${version}${description && `_${description}`}.sql` }
}

function readRow(
  row: Revision,
  group: readonly MergeCandidate[],
  { likely, unexplained, sources }: Evidence,
): RowReading {
  const best = likely.get(row.version)
  if (best === undefined) return { kind: 'missing' }
  const doubt = unexplained.get(row.version)
  if (rowHash(row) !== '' && doubt === undefined) return ran(best)
  if (doubt !== undefined && doubt.ranAs !== null) {
    const source = sources[doubt.ranAs]
    return source === undefined ? ran(best, 'renamed') : ran(ofSource(source, doubt, group))
  }
  const described = group.filter(({ file }) => file.description === row.description)
  if (described.length !== 1) return { kind: described.length > 1 ? 'unknown' : 'missing' }
  return ran(best, doubt?.possible.startsWith('edited') === true ? 'edited' : null)
}

function ran(candidate: MergeCandidate, change: RowChange | null = null): RowReading {
  return { kind: 'ran', candidate, change }
}

/**
 * The candidate whose text ran. The trace names it as its own source does, which may differ from
 * the name that other sources use.
 */
function ofSource(
  source: ConsolidationSource,
  { file: name }: UnexplainedRow,
  group: readonly MergeCandidate[],
): MergeCandidate {
  return group.find(({ file, sources }) => file.name === name && sources.includes(source.name))!
}
