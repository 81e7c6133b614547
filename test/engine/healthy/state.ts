import { computeSum } from '../../../src/atlas/directory/sum.js'
import { fromLastCheckpoint } from '../../../src/atlas/engine/plan.js'
import type { MigrationFile } from '../../../src/atlas/directory/file.js'
import { RevisionType } from '../../../src/atlas/engine/revision.js'
import { scanStatements } from '../../../src/atlas/statement/statement.js'
import { compareBytewise } from '../../../src/atlas/text/go-string.js'
import type { TestRevision } from '../../database/test-postgres.js'
import type { History } from './history.js'

/** A way in which a database came along a directory, one file after the other. */
export interface Route {
  readonly name: string
  readonly files: readonly MigrationFile[]
  /** How many of the files were run by hand before Atlas was used, and are the baseline. */
  readonly byHand: number
  /** The numbers of files after which a database may stand still; null for any. */
  readonly rests: readonly number[] | null
}

/**
 * The ways through a directory. A database that is older than its checkpoint ran every other file;
 * one that is younger began with it.
 */
export function routesOf({ directory, options }: History): readonly Route[] {
  const { baseline, deliveries = [] } = options
  const place = new Map(deliveries.flat().map((name, index) => [name, index]))
  const files = directory.files
    .filter(({ checkpoint }) => !checkpoint)
    .toSorted((a, b) => (place.get(a.name) ?? 0) - (place.get(b.name) ?? 0))
  const byHand = files.findLastIndex(({ version }) => version === baseline) + 1
  const ends = deliveries.map((_, index) => deliveries.slice(0, index + 1).flat().length)
  const rests = ends.length === 0 ? null : ends
  const old = { name: 'from the first file', files, byHand, rests }
  const young = fromLastCheckpoint(directory.files)
  const [first] = young
  return first?.checkpoint
    ? [old, { name: 'from the checkpoint', files: young, byHand: 0, rests: null }]
    : [old]
}

/** Where along a route a directory is judged: at both ends, after the first file, halfway and before the last. */
export function prefixesOf({ files, byHand, rests }: Route): readonly number[] {
  if (rests !== null) return rests
  const last = files.length
  const prefixes = [byHand, byHand + 1, Math.floor((byHand + last) / 2), last - 1, last]
  return [...new Set(prefixes)].filter(k => k >= byHand && k <= last).sort((a, b) => a - b)
}

/**
 * The rows that Atlas wrote for the first files of a route. Each has the hash of the directory as
 * it stood when its file ran. Files that were skipped in favour of a checkpoint stood in it too.
 */
export function rowsOf(
  history: History,
  { files, byHand }: Route,
  count: number,
): readonly TestRevision[] {
  const baseline = byHand === 0 ? [] : [baselineRow(files[byHand - 1]!)]
  return [
    ...baseline,
    ...files.slice(byHand, count).map(({ name, version, description, content }, index) => {
      const stood = directoryAt(history, files.slice(0, byHand + index + 1))
      const { hash } = computeSum(stood).lines.find(line => line.name === name)!
      const total = scanStatements(content, 'postgres')
      const statements = 'error' in total ? 0 : total.statements.length
      const executedAt = new Date(firstTime + index * 60_000).toISOString()
      return { version, description, hash, executedAt, applied: statements, total: statements }
    }),
  ]
}

/** When the first file ran. Each one after it ran a minute later. */
const firstTime = Date.parse('2024-06-01T00:00:00Z')

function baselineRow({ version, description }: MigrationFile): TestRevision {
  return { version, description, type: RevisionType.baseline, applied: 0, total: 0 }
}

/** The files of the directory at the moment when the last of these had just run. */
export function directoryAt(
  { directory }: History,
  ran: readonly MigrationFile[],
): readonly MigrationFile[] {
  const names = new Set(ran.map(({ name }) => name))
  const start = ran[0]?.checkpoint ? ran[0].name : ''
  return directory.files.filter(
    ({ name, checkpoint }) => names.has(name) || checkpoint || compareBytewise(name, start) < 0,
  )
}
