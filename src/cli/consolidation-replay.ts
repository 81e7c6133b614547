import type { Directory } from '../atlas/directory.js'
import { fromLastCheckpoint } from '../atlas/plan.js'
import { countOf } from '../atlas/name-list.js'
import type { ReplayOptions, ReplayOutcome } from '../database/replay.js'
import { ConcealedUrl } from '../review/concealed-url.js'
import type { Deadline, DatabaseUrl, RevisionsReader } from '../review/ports.js'
import type { Environment } from './arguments.js'
import type { FoundTable } from './consolidation-databases.js'
import { ConsolidationError } from './consolidation-error.js'
import type { ReplayChoice } from './consolidation-options.js'
import { readUrlText } from './database-choice.js'
import type { DemoPostgres } from './demo.js'
import type { Progress } from './progress.js'

export interface ReplayAdapters {
  readonly startPostgres: () => Promise<DemoPostgres>
  readonly replay: (options: ReplayOptions) => Promise<ReplayOutcome>
}

export interface ReplayContext {
  readonly adapters: ReplayAdapters
  readonly environment: Environment
  readonly reader: RevisionsReader
  /** Databases whose servers are no place for a replay. */
  readonly tables: readonly FoundTable[]
  readonly deadline: Deadline
  /** Fires on an interrupt. */
  readonly signal: AbortSignal
  readonly progress: Progress
}

/** Runs the merged directory from empty, as Atlas would on a new database: from its last checkpoint on. */
export async function replayMerged(
  choice: Exclude<ReplayChoice, null>,
  directory: Directory,
  context: ReplayContext,
): Promise<ReplayOutcome> {
  const { adapters, environment } = context
  if (choice.kind !== 'embedded') {
    const url = new ConcealedUrl(await readUrlText(choice, { option: '--replay-url', environment }))
    await refuseLiveServer(url, context)
    return run(url, directory, context)
  }
  context.progress.step('starting a PostgreSQL for the replay')
  const postgres = await adapters.startPostgres()
  try {
    return await run(new ConcealedUrl(postgres.url('postgres')), directory, context)
  } finally {
    await postgres.stop()
  }
}

/** Migrations may make roles or settings, which belong to the whole server. */
async function refuseLiveServer(
  url: DatabaseUrl,
  { reader, tables, deadline }: ReplayContext,
): Promise<void> {
  const identity = await reader.readIdentity(url, deadline)
  const live = tables.find(({ content }) => {
    const system = content.kind === 'read' ? content.identity.system : ''
    return system !== '' && system === identity?.system
  })
  if (live)
    throw new ConsolidationError(
      `--replay-url: expected a scratch server, found the one of ${live.name}; what SQL does there to roles and settings would stay`,
    )
}

function run(
  url: DatabaseUrl,
  directory: Directory,
  { adapters, signal, progress }: ReplayContext,
): Promise<ReplayOutcome> {
  const files = fromLastCheckpoint(directory.files)
  progress.step(`replaying ${countOf(files.length, 'file')} from empty`)
  const onFile = (index: number) => progress.count(index, files.length)
  return adapters.replay({ url, files, signal, onFile })
}
