import { consolidate as mergeDirectories } from '../../atlas/consolidate/consolidate.js'
import type { Consolidation } from '../../atlas/consolidate/consolidation.js'
import { countOf } from '../../atlas/text/name-list.js'
import type { WrittenConfigMap } from '../../manifests/write/configmap-manifest.js'
import type { FolderFiles } from '../../manifests/write/output-folder.js'
import { defaultSettings } from '../../policy/settings/default-settings.js'
import { sanitizeText } from '../../policy/text/sanitize-text.js'
import type { Cluster, Deadline } from '../../review/ports/ports.js'
import { withTimeLimit } from '../../review/limits/time-limit.js'
import type { ClosableReader } from '../../gate/pooled-reader.js'
import type { InputAdapters, ReaderOptions } from '../input/adapters.js'
import type { Arguments, Environment } from '../line/arguments.js'
import { describeChange } from './diff.js'
import { FolderExistsError } from './error.js'
import { isWrittenFile } from './files.js'
import { manifestPointer, type ObjectAdapters } from './objects.js'
import { type ConsolidationOptions, parseConsolidationOptions } from './options.js'
import { buildOutput, type ConsolidationOutput } from './output.js'
import { readParts } from './reading.js'
import { type ReplayAdapters, replayMerged } from './replay.js'
import {
  describeMerged,
  describeParts,
  describeRefusals,
  describeReplay,
  describeUnproven,
  type ReadParts,
} from './report.js'
import { describeSteps } from './steps.js'
import { planOptionsOf } from './survivors.js'
import { limitsAt } from '../input/database-limits.js'
import { interruptible } from '../line/interruptible.js'
import { openOnce } from '../input/open-once.js'
import type { Output } from '../output/output.js'
import type { Progress } from '../output/progress.js'

export interface ConsolidateAdapters extends ObjectAdapters, InputAdapters, ReplayAdapters {
  readonly buildReader: (options: ReaderOptions) => ClosableReader
  readonly printConfigMap: (configMap: WrittenConfigMap) => string
  readonly readOutputFolder: (path: string, isOurs: (name: string) => boolean) => FolderFiles | null
  readonly writeOutputFolder: (path: string, files: FolderFiles) => void
}

/** What a run needs besides its options. */
interface Run {
  readonly options: ConsolidationOptions
  readonly adapters: ConsolidateAdapters
  readonly environment: Environment
  readonly output: Output
  readonly progress: Progress
  readonly reader: ClosableReader
  readonly deadline: Deadline
  /** Fires on an interrupt. */
  readonly signal: AbortSignal
}

/**
 * Merges directories and writes the result, or says why they cannot be merged. Resolves to the exit
 * code: 0 merged, 1 refused. What cannot be decided is thrown.
 */
export async function consolidate(
  args: Arguments,
  adapters: ConsolidateAdapters,
  { output, progress }: { readonly output: Output; readonly progress: Progress },
): Promise<number> {
  const options = parseConsolidationOptions(args)
  const { environment } = args
  const reader = adapters.buildReader({
    limits: limitsAt(options.cluster, defaultSettings.database),
    onFailure: () => {},
  })
  try {
    return await interruptible(signal =>
      withTimeLimit({ ms: options.limitMs, parent: signal }, deadline =>
        run({ options, adapters, environment, output, progress, reader, deadline, signal }),
      ),
    )
  } finally {
    progress.end()
    await reader.close()
  }
}

async function run(run: Run): Promise<number> {
  const { options, adapters, signal } = run
  if (options.cluster === null) return mergeAndWrite(run, { cluster: null, unreadable: [] })
  run.progress.step('reading the cluster')
  const limit = { waitMs: options.limitMs, signal }
  const opened = await openOnce(options.cluster, adapters, limit)
  try {
    return await mergeAndWrite(run, opened)
  } finally {
    opened.close()
  }
}

interface Objects {
  /** null when no cluster was named. */
  readonly cluster: Cluster | null
  readonly unreadable: readonly string[]
}

async function mergeAndWrite(run: Run, { cluster, unreadable }: Objects): Promise<number> {
  const { options, signal, progress } = run
  const { print } = run.output
  const parts = await readParts(options, { ...run, cluster })
  signal.throwIfAborted()
  progress.step('merging')
  const merged = merge(parts, options)
  progress.end()
  const lines = [...describeParts(parts), ...unreadable.map(describeUnreadable)]
  for (const line of lines) print(line)
  if (merged.kind === 'merged') return conclude(run, { parts, merged })
  for (const line of describeRefusals(merged.refusals, options)) print(line)
  return 1
}

/** The line about an object that cannot be read. It may use one of the tables. */
function describeUnreadable(problem: string): string {
  return sanitizeText(`Note: an AtlasMigration that cannot be read is left out: ${problem}`)
}

function merge({ sources, successions }: ReadParts, options: ConsolidationOptions): Consolidation {
  return mergeDirectories({
    sources,
    databases: successions.flatMap(succession => {
      const { name, content } = succession.table
      if (content.kind !== 'read') return []
      return [{ name, state: content.state, options: planOptionsOf(succession) }]
    }),
    dialect: 'postgres',
    renamePending: options.renamePending,
    output: options.configMap === null ? 'folder' : 'configmap',
  })
}

interface Result {
  readonly parts: ReadParts
  readonly merged: Extract<Consolidation, { readonly kind: 'merged' }>
}

/** Replays the merged directory if that was asked for, and writes it. */
async function conclude(run: Run, result: Result): Promise<number> {
  const { print } = run.output
  const { parts, merged } = result
  for (const line of [...describeMerged(merged), ...describeUnproven(parts, merged)]) print(line)
  for (const note of parts.notes) print(sanitizeText(`Note: ${note}`))
  if (run.options.replay !== null && !(await replay(run, result))) return 1
  const written = await buildOutput(run.options.configMap, {
    directory: merged.directory,
    sources: parts.sources,
    survivors: parts.successions.flatMap(({ survivor }) => survivor ?? []),
    pointManifest: manifestPointer(run.options.cluster, run.adapters),
    printConfigMap: run.adapters.printConfigMap,
  })
  run.signal.throwIfAborted()
  write(run, written)
  for (const line of describeSteps(stepInput(run.options, parts, written))) print(line)
  return 0
}

async function replay(run: Run, { parts, merged }: Result): Promise<boolean> {
  const choice = run.options.replay as Exclude<ConsolidationOptions['replay'], null>
  const tables = parts.successions.map(({ table }) => table)
  const outcome = await replayMerged(choice, merged.directory, { ...run, tables })
  run.progress.end()
  for (const line of describeReplay(outcome)) run.output.print(line)
  return outcome.kind === 'done'
}

/** Writes the files. What is in the output folder is checked first, also by a dry run. */
function write({ options, adapters, output }: Run, { files, edited }: ConsolidationOutput): void {
  const folder = options.output
  const before = folder === null ? null : adapters.readOutputFolder(folder, isWrittenFile)
  if (options.dryRun) {
    const change = { before: before ?? new Map(), after: files, edited, colors: output.colors }
    output.print(`Dry run: nothing is written${folder === null ? '' : ` to ${folder}`}.`)
    for (const line of describeChange(change)) output.print(`  ${line}`)
    return
  }
  const path = folder as string
  if (before !== null && before.size > 0 && !options.force)
    throw new FolderExistsError(
      `${path} is there already, with ${countOf(before.size, 'file')}; --force replaces it, --dry-run shows what would change`,
    )
  adapters.writeOutputFolder(path, files)
  output.print(`Written: ${path} (${countOf(files.size, 'file')}).`)
}

function stepInput(
  { configMap, output }: ConsolidationOptions,
  { sources, successions }: ReadParts,
  { pointed, applyCommand }: ConsolidationOutput,
) {
  const replaced = sources.flatMap(({ configMap: source }) => {
    const namespace = source?.namespace ?? configMap?.namespace
    if (source === null || namespace === undefined) return []
    const isKept = namespace === configMap?.namespace && source.name === configMap.name
    return isKept ? [] : [`${namespace}/${source.name}`]
  })
  return {
    output: output ?? 'the output',
    configMap,
    successions,
    written: pointed,
    applyCommand,
    replaced: [...new Set(replaced)],
  }
}
