import type { Directory } from '../../atlas/directory/directory.js'
import { fromLastCheckpoint } from '../../atlas/engine/plan.js'
import { countOf } from '../../atlas/text/name-list.js'
import type { ReplayOptions, ReplayOutcome } from '../../database/embedded/replay.js'
import { parseDatabaseUrl } from '../../policy/facts/database-url.js'
import { ConcealedUrl } from '../../review/facts/concealed-url.js'
import type { DatabaseUrl, RevisionsReader } from '../../review/ports/ports.js'
import { withTimeLimit } from '../../review/limits/time-limit.js'
import type { Environment } from '../line/arguments.js'
import type { FoundTable } from './databases.js'
import { ConsolidationError } from './error.js'
import type { ReplayChoice } from './options.js'
import { readUrlText } from '../input/database-choice.js'
import type { DemoPostgres } from '../demo/demo.js'
import type { Progress } from '../output/progress.js'

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

/** As patient as the replay itself is with its server. */
const identityLimitMs = 10_000

/** Migrations may make roles or settings, which belong to the whole server. */
async function refuseLiveServer(
  url: DatabaseUrl,
  { reader, tables, signal }: ReplayContext,
): Promise<void> {
  // A limit of its own: reading the databases may have used up the other.
  const identity = await withTimeLimit({ ms: identityLimitMs, parent: signal }, deadline =>
    reader.readIdentity(url, deadline),
  )
  const own = { system: identity?.system ?? '', server: serverOf(url) }
  const live = tables.find(table => isOnServer(table, own))
  if (live)
    throw new ConsolidationError(
      `--replay-url: expected a scratch server, found the one of ${live.name}; what SQL does there to roles and settings would stay`,
    )
}

/** By what the servers say of themselves; where one of them does not, by the address. */
function isOnServer(
  { content, place }: FoundTable,
  own: { readonly system: string; readonly server: string | null },
): boolean {
  const system = content.kind === 'read' ? content.identity.system : ''
  if (system !== '' && own.system !== '') return system === own.system
  return place !== null && place.split('/')[0] === own.server
}

/** `host:port`; null for what is no database URL, which the replay says. */
function serverOf(url: DatabaseUrl): string | null {
  const parts = parseDatabaseUrl(url.reveal())
  return parts.kind === 'invalid' ? null : `${parts.host}:${parts.port}`
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
