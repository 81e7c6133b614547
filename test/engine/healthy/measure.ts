import { revisionsTable } from '../../../src/atlas/engine/revision.js'
import { validateDirectory } from '../../../src/atlas/directory/validate.js'
import { fromLastCheckpoint } from '../../../src/atlas/engine/plan.js'
import { compareBytewise } from '../../../src/atlas/text/go-string.js'
import type { MigrationFile } from '../../../src/atlas/directory/file.js'
import { replayFile } from '../../../src/database/embedded/replay.js'
import {
  createRevisionsTable,
  execute,
  insertRevisions,
  type TestRevision,
  withClient,
} from '../../database/test-postgres.js'
import type { History } from './history.js'
import { judgeSituation, type Judgement } from './judge.js'
import { type ScratchDatabase, type ScratchServer, withParameter } from './scratch.js'
import { directoryAt, prefixesOf, routesOf, rowsOf, type Route } from './state.js'

/** What was said of one state of a database, and what the pending files then really did. */
export interface MeasuredState extends Judgement {
  readonly history: string
  readonly route: string
  /** Number of files that had run. */
  readonly ran: number
  /** Why the pending files failed, with the name of the file; null when they all ran. */
  readonly failure: string | null
}

/** Judges a directory at several states of its database, and runs what was pending. */
export async function* measure(
  history: History,
  server: ScratchServer,
): AsyncGenerator<MeasuredState> {
  for (const route of routesOf(history)) {
    const base = await server.create()
    try {
      await execute(base.superuser, ...(history.options.prepare ?? []))
      yield* measureRoute({ history, route, base, server })
    } finally {
      await server.drop(base)
    }
  }
}

interface Run {
  readonly history: History
  readonly route: Route
  /** Comes along the route. Each state is measured on a copy of it. */
  readonly base: ScratchDatabase
  readonly server: ScratchServer
}

async function* measureRoute(run: Run): AsyncGenerator<MeasuredState> {
  const { history, route, base, server } = run
  let done = 0
  for (const count of prefixesOf(route)) {
    for (; done < count; done++) {
      // Atlas makes its table before it runs the first file.
      if (done === route.byHand) await createTable(history, base)
      // What cannot run up to here is no healthy history any more.
      const failure = await runFiles(history, base, route.files.slice(done, done + 1))
      if (failure !== null) return
    }
    const copy = await server.create(base)
    try {
      yield await measureState(run, { copy, count })
    } finally {
      await server.drop(copy)
    }
  }
}

interface Standing {
  readonly copy: ScratchDatabase
  readonly count: number
}

async function measureState(
  { history, route }: Run,
  { copy, count }: Standing,
): Promise<MeasuredState> {
  const { searchPath = revisionsTable } = history.options
  const url = runningUrl(history, copy)
  const rows = uniqueVersions(rowsOf(history, route, count))
  if (count > route.byHand) await insertRevisions(url, rows, searchPath)
  const stood = directoryAt(history, route.files.slice(0, count))
  const lastVersion = count > route.byHand ? rows.at(-1)!.version : null
  const judgement = await judgeSituation({ history, url, stood, lastVersion })
  if (count === route.byHand) await createTable(history, copy)
  const invalid = validateDirectory(history.directory)?.message
  const failure = invalid ?? (await runFiles(history, copy, pendingOf(history, route, count)))
  return { ...judgement, history: history.name, route: route.name, ran: count, failure }
}

/** What Atlas would run: everything since the last checkpoint on an empty database, else the files without a row. */
function pendingOf(
  { directory }: History,
  { files }: Route,
  count: number,
): readonly MigrationFile[] {
  if (count === 0) return fromLastCheckpoint(directory.files)
  return files.slice(count).toSorted((a, b) => compareBytewise(a.name, b.name))
}

function createTable(history: History, database: ScratchDatabase): Promise<void> {
  return createRevisionsTable(runningUrl(history, database), history.options.searchPath)
}

/** Of two files with one version Atlas knows the first. */
function uniqueVersions(rows: readonly TestRevision[]): readonly TestRevision[] {
  return [...new Map(rows.toReversed().map(row => [row.version, row])).values()].toReversed()
}

/** The URL with which the files are run. */
function runningUrl({ options }: History, { superuser, url }: ScratchDatabase): string {
  return options.superuser ? superuser : url
}

/** Runs files one after the other in one session, as one apply does. Returns why one failed. */
async function runFiles(
  history: History,
  database: ScratchDatabase,
  files: readonly MigrationFile[],
): Promise<string | null> {
  const { searchPath } = history.options
  const url = runningUrl(history, database)
  const session =
    searchPath === undefined ? url : withParameter(url, 'options', `-csearch_path=${searchPath}`)
  return withClient(session, async client => {
    for (const file of files) {
      const outcome = await replayFile(client, file)
      if (typeof outcome !== 'number') return `${file.name}:${outcome.line}: ${outcome.message}`
    }
    return null
  })
}
