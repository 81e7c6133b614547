import { defaultSettings } from '../../policy/settings/default-settings.js'
import type { LiveTable } from '../../policy/facts/exported-table.js'
import { withTimeLimit } from '../../review/limits/time-limit.js'
import type { Adapters, ReaderOptions } from '../input/adapters.js'
import type { Arguments } from '../line/arguments.js'
import { findClusterChoice } from '../input/cluster-choice.js'
import { readUrlText } from '../input/database-choice.js'
import { parseDuration } from '../line/duration.js'
import { interruptible } from '../line/interruptible.js'
import { type LiveTableChoice, readLiveTable, type ServerReader } from './live-table.js'
import { migrationTable } from './migration-table.js'
import { openOnce } from '../input/open-once.js'
import type { Output } from '../output/output.js'
import { replaceFile } from '../output/replace-file.js'
import { parseUrlOperand, refuseUrl } from '../input/url-operand.js'
import { UsageError } from '../line/usage-error.js'

export interface ExportAdapters extends Pick<Adapters, 'openManifests' | 'openKubernetes'> {
  readonly buildReader: (options: ReaderOptions) => ServerReader
  /** The export as text, with a line break at its end. */
  readonly printTable: (table: LiveTable) => string
}

/** Time limit for each step that waits for something. */
interface Limit {
  readonly ms: number
  readonly parent: AbortSignal
}

/** Writes the rows of one revisions table. Resolves to the exit code. */
export async function exportTable(
  args: Arguments,
  adapters: ExportAdapters,
  output: Output,
): Promise<number> {
  const ms = parseDuration(args.text('timeout'), 'timeout')
  return interruptible(async parent => {
    const limit = { ms, parent }
    const choice = await chooseTable(args, adapters, limit)
    const table = await readTable(choice, adapters, limit)
    await write(adapters.printTable(table), { file: args.value('output'), output })
    return 0
  })
}

async function chooseTable(
  args: Arguments,
  adapters: ExportAdapters,
  limit: Limit,
): Promise<LiveTableChoice> {
  const [operand = ''] = args.operands
  refuseUrl(operand, 'export')
  const cluster = findClusterChoice(args)
  const own = args.value('revisions-schema')
  if (cluster === null) return tableOfUrl(operand, args)
  if (operand === '') throw new UsageError('export needs the [NAMESPACE/]NAME of an AtlasMigration')
  const opened = await openOnce(cluster, adapters, { waitMs: limit.ms, signal: limit.parent })
  try {
    const choice = await withTimeLimit(limit, at => migrationTable(operand, opened.cluster, at))
    return own === undefined ? choice : { ...choice, revisionsSchema: own }
  } finally {
    opened.close()
  }
}

/** A wrong operand is not repeated in the error, because it may hold a password. */
async function tableOfUrl(operand: string, args: Arguments): Promise<LiveTableChoice> {
  const place = parseUrlOperand(operand)
  if (place === null)
    throw new UsageError(
      'export needs env:VARIABLE or file:PATH (where the database URL stands), or with --manifests or --kubernetes the name of an AtlasMigration',
    )
  const source = `${place.kind}:${place.place}`
  const url = await readUrlText(place, { option: source, environment: args.environment })
  return { source, url, revisionsSchema: args.value('revisions-schema') ?? null }
}

async function readTable(
  choice: LiveTableChoice,
  adapters: ExportAdapters,
  limit: Limit,
): Promise<LiveTable> {
  const { database: limits } = defaultSettings
  const reader = adapters.buildReader({ limits, onFailure: () => {} })
  try {
    return await withTimeLimit(limit, deadline => readLiveTable(choice, reader, deadline))
  } finally {
    await reader.close()
  }
}

async function write(
  text: string,
  { file, output }: { readonly file: string | undefined; readonly output: Output },
): Promise<void> {
  if (file === undefined) return output.print(text.trimEnd())
  try {
    await replaceFile(file, text)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(
      `--output: cannot write ${file} (${code}); name a file in a folder that is there`,
      { cause: error },
    )
  }
}
