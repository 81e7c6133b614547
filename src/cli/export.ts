import { writeFile } from 'node:fs/promises'
import { defaultSettings } from '../policy/default-settings.js'
import type { LiveTable } from '../policy/exported-table.js'
import { withTimeLimit } from '../review/time-limit.js'
import type { ReaderOptions } from './adapters.js'
import type { Arguments } from './arguments.js'
import { readUrlText, type UrlPlace } from './database-choice.js'
import { parseDuration } from './duration.js'
import { interruptible } from './interruptible.js'
import { readLiveTable, type ServerReader } from './live-table.js'
import type { Output } from './output.js'
import { parseUrlOperand, refuseUrl } from './url-operand.js'
import { UsageError } from './usage-error.js'

export interface ExportAdapters {
  readonly buildReader: (options: ReaderOptions) => ServerReader
  /** The export as text that ends a line. */
  readonly printTable: (table: LiveTable) => string
}

/** Writes the rows of one revisions table; resolves to the exit code. */
export async function exportTable(
  args: Arguments,
  adapters: ExportAdapters,
  output: Output,
): Promise<number> {
  const place = parsePlace(args.operands[0])
  const limitMs = parseDuration(args.text('timeout'), 'timeout')
  const { environment } = args
  const source = `${place.kind}:${place.place}`
  const url = await readUrlText(place, { option: source, environment })
  const choice = { source, url, revisionsSchema: args.value('revisions-schema') ?? null }
  return interruptible(async parent => {
    const { database: limits } = defaultSettings
    const reader = adapters.buildReader({ limits, onFailure: () => {} })
    try {
      const limit = { ms: limitMs, parent }
      const table = await withTimeLimit(limit, at => readLiveTable(choice, reader, at))
      await write(adapters.printTable(table), { file: args.value('output'), output })
      return 0
    } finally {
      await reader.close()
    }
  })
}

/** What is wrong is not repeated: it may hold a password. */
function parsePlace(operand = ''): UrlPlace {
  refuseUrl(operand, 'export')
  const place = parseUrlOperand(operand)
  if (place !== null) return place
  throw new UsageError('export needs env:VARIABLE or file:PATH: where the database URL stands')
}

async function write(
  text: string,
  { file, output }: { readonly file: string | undefined; readonly output: Output },
): Promise<void> {
  if (file === undefined) return output.print(text.trimEnd())
  try {
    await writeFile(file, text)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(
      `--output: cannot write ${file} (${code}); name a file in a folder that is there`,
      {
        cause: error,
      },
    )
  }
}
