import { buildDirectory } from '../../atlas/directory/directory.js'
import type { ExecutionOrder } from '../../policy/facts/atlas-migration.js'
import { revisionsTable } from '../../atlas/engine/revision.js'
import type { Sameness } from '../../policy/facts/facts.js'
import { compareTables, type TableComparison } from '../../policy/comparison/compare-tables.js'
import { viewThroughDirectory } from '../../policy/explain/directory-view.js'
import { defaultSettings } from '../../policy/settings/default-settings.js'
import type { TableExport } from '../../policy/facts/exported-table.js'
import type { MigrationFolder } from '../../manifests/read/migration-folder.js'
import { harmlessJson } from '../../policy/text/harmless-text.js'
import {
  reportDirectory,
  reportTables,
  type ComparisonReport,
  type RepairCommand,
} from '../../report/formats/comparison-report.js'
import { formatComparison } from '../../report/formats/comparison-text.js'
import type { InputAdapters, ReaderOptions } from '../input/adapters.js'
import type { Arguments } from '../line/arguments.js'
import { type DirectoryAdapters, readDirectorySource } from './directory-source.js'
import { type LiveSide, repairCommand } from './repair-command.js'
import { parseSide, readSide, type ReadSide, type Side, type SideSources } from './side.js'
import { withTimeLimit } from '../../review/limits/time-limit.js'
import { parseDuration } from '../line/duration.js'
import { interruptible } from '../line/interruptible.js'
import type { ServerReader } from './live-table.js'
import type { Output } from '../output/output.js'
import { UsageError } from '../line/usage-error.js'

export interface CompareAdapters {
  readonly buildReader: (options: ReaderOptions) => ServerReader
  readonly readExport: (file: string) => Promise<TableExport>
  readonly readMigrationFolder: (folder: string) => Promise<MigrationFolder>
  readonly readManifests: InputAdapters['readManifests']
}

/** The options of a comparison. */
interface CompareOptions {
  readonly from: ReadSide
  readonly to: ReadSide
  /** Path of a folder, or null. */
  readonly directory: string | null
  readonly execOrder: ExecutionOrder
  readonly format: 'text' | 'json'
  readonly limitMs: number
}

/**
 * Compares two sides, and says whether an operator may be moved from one to the other. Resolves to
 * the exit code.
 */
export async function compare(
  args: Arguments,
  adapters: CompareAdapters,
  output: Output,
): Promise<number> {
  const options = await parseOptions(args)
  const { limitMs, format } = options
  return interruptible(async signal => {
    const { database: limits } = defaultSettings
    const reader = adapters.buildReader({ limits, onFailure: () => {} })
    try {
      const { environment } = args
      const report = await buildReport(options, {
        readExport: adapters.readExport,
        readDirectory: folder => readDirectorySource(folder, directoryAdapters(adapters)),
        environment,
        reader,
        limitMs,
        signal,
      })
      output.print(
        format === 'json'
          ? harmlessJson(JSON.stringify(report, null, 2))
          : formatComparison(report, output),
      )
      return report.verdict === 'safe' ? 0 : 1
    } finally {
      await reader.close()
    }
  })
}

function directoryAdapters({
  readMigrationFolder,
  readManifests,
}: CompareAdapters): DirectoryAdapters {
  const options = { namespace: 'default', readStandardInput: async () => '' }
  return {
    readMigrationFolder,
    readManifests: path => readManifests({ ...options, paths: [path] }),
  }
}

async function parseOptions(args: Arguments): Promise<CompareOptions> {
  const [from, to] = args.operands
  if (from === undefined || to === undefined)
    throw new UsageError(
      'compare needs FROM and TO: each env:VARIABLE, file:PATH, an export (*.json) or a folder of migrations',
    )
  const sides = {
    from: await parseReadSide(args, { text: from, name: 'FROM' }),
    to: await parseReadSide(args, { text: to, name: 'TO' }),
  }
  const directory = args.value('directory') ?? null
  if (directory !== null && Object.values(sides).some(({ choice }) => choice.kind === 'directory'))
    throw new UsageError('--directory needs two tables: FROM or TO is a directory already')
  return {
    ...sides,
    directory,
    execOrder: oneOf(args, 'exec-order', ['linear', 'linear-skip', 'non-linear']),
    format: oneOf(args, 'format', ['text', 'json']),
    limitMs: parseDuration(args.text('timeout'), 'timeout'),
  }
}

async function parseReadSide(
  args: Arguments,
  { text, name }: { readonly text: string; readonly name: 'FROM' | 'TO' },
): Promise<ReadSide> {
  const choice = await parseSide(text, name)
  const option = `${name.toLowerCase()}-schema`
  const revisionsSchema = args.value(option) ?? null
  // An export is already of one schema, and a directory of none.
  if (revisionsSchema !== null && choice.kind !== 'database')
    throw new UsageError(`--${option} needs a database as ${name}: env:VARIABLE or file:PATH`)
  return { choice, revisionsSchema }
}

function oneOf<T extends string>(args: Arguments, name: string, values: readonly T[]): T {
  const text = args.text(name)
  const value = values.find(value => value === text)
  if (value !== undefined) return value
  throw new UsageError(`--${name}: expected one of ${values.join(', ')}, found "${text}"`)
}

async function buildReport(
  options: CompareOptions,
  sources: SideSources,
): Promise<ComparisonReport> {
  const [from, to] = await Promise.all([
    readSide(options.from, sources),
    readSide(options.to, sources),
  ])
  if (from.kind === 'table' && to.kind === 'table') {
    const data = await readDirectory(options, sources)
    const proof = await compareDatabases([from, to], sources)
    const files = buildDirectory(data ?? {}).files
    const comparison = compareTables(from.exported, to.exported, { proof, files })
    const view = data && viewOf([from, to], options, data)
    return reportTables([from, to], { comparison, view, repair: repairOf([from, to], comparison) })
  }
  return reportPair(from, to, options)
}

type TableSide = Extract<Side, { kind: 'table' }>

/** Whether both are one running database; only those that were both just read can be asked. */
async function compareDatabases(
  [from, to]: readonly [TableSide, TableSide],
  { reader, limitMs, signal }: SideSources,
): Promise<Sameness> {
  if (from.url === null || to.url === null) return 'unknown'
  // Its login has just worked.
  if (from.url.fingerprint() === to.url.fingerprint()) return 'same'
  const question = {
    urls: [from.url, to.url] as const,
    revisionsSchema: from.exported.revisionsSchema ?? revisionsTable,
  }
  return withTimeLimit({ ms: limitMs, parent: signal }, deadline =>
    reader.compareDatabases(question, deadline),
  )
}

function repairOf(
  [from, to]: readonly [TableSide, TableSide],
  comparison: TableComparison,
): RepairCommand | null {
  const [source, target] = [liveSide(from), liveSide(to)]
  return source && target && repairCommand([source, target], comparison)
}

function liveSide({ exported, url, place }: TableSide): LiveSide | null {
  return url && place && { exported, place, url: url.reveal() }
}

type DirectoryData = MigrationFolder['data']

async function readDirectory(
  { directory }: CompareOptions,
  sources: SideSources,
): Promise<DirectoryData | null> {
  return directory === null ? null : (await sources.readDirectory(directory)).data
}

function viewOf(
  [from, to]: readonly [TableSide, TableSide],
  { execOrder }: CompareOptions,
  data: DirectoryData,
) {
  return viewThroughDirectory({ data, execOrder, from: from.exported, to: to.exported })
}

function reportPair(from: Side, to: Side, { execOrder }: CompareOptions): ComparisonReport {
  const table = [from, to].find(side => side.kind === 'table')
  const folder = [from, to].find(side => side.kind === 'directory')
  if (table === undefined || folder === undefined)
    throw new UsageError('compare: FROM and TO are both directories; one has to be a table')
  const { data } = folder.content
  const view = viewThroughDirectory({ data, execOrder, from: null, to: table.exported })
  const versions = buildDirectory(data).files.map(file => file.version)
  const directory = { source: folder.source, versions }
  return reportDirectory({ table, directory, directoryFirst: from === folder }, view)
}
