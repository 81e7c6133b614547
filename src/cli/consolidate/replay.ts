import type { Directory } from '../../atlas/directory/directory.js'
import { fromLastCheckpoint } from '../../atlas/engine/plan.js'
import { countOf } from '../../atlas/text/name-list.js'
import type { ReplayOptions, ReplayOutcome } from '../../database/embedded/replay.js'
import { parseDatabaseUrl } from '../../policy/url/database-url.js'
import { ConcealedUrl } from '../../review/url/concealed-url.js'
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
  /** Tables of databases in use, on whose servers nothing must be replayed. */
  readonly tables: readonly FoundTable[]
  /** Fires on an interrupt. */
  readonly signal: AbortSignal
  readonly progress: Progress
}

/**
 * Replays the merged directory from empty, as Atlas would run it on a new database: from its last
 * checkpoint on.
 */
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

/** Time limit for asking the server which one it is: as long as the replay waits for it. */
const identityLimitMs = 10_000

/**
 * Refuses a server of a database in use. Migrations may create roles or change settings, which
 * belong to the whole server.
 */
async function refuseLiveServer(
  url: DatabaseUrl,
  { reader, tables, signal }: ReplayContext,
): Promise<void> {
  // It has a time limit of its own, because reading the databases may have used up the other one.
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

/**
 * Whether the table is on the server, by what the servers say of themselves. If one of them says
 * nothing, the address decides.
 */
function isOnServer(
  { content, place }: FoundTable,
  own: { readonly system: string; readonly server: string | null },
): boolean {
  const system = content.kind === 'read' ? content.identity.system : ''
  if (system !== '' && own.system !== '') return system === own.system
  return place !== null && place.split('/')[0] === own.server
}

/** `host:port`; null for a text that is no database URL, which the replay reports. */
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
