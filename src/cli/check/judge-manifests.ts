import { ruleIds, rules } from '../../policy/rules/catalogue.js'
import type { Settings } from '../../policy/settings/settings.js'
import type { Report } from '../../report/parts/report.js'
import { summarizeDelivery } from '../../report/parts/delivery-objects.js'
import type { RevisionsReader } from '../../review/ports/ports.js'
import { type DeliveredWrite, reviewDelivery } from '../../review/delivery.js'
import type { ManifestInput } from '../../manifests/read/manifest-input.js'
import type { WatchOptions } from '../../manifests/path-watch.js'
import { remarking } from '../../review/rewrite/remark.js'
import { evaluate } from '../../review/verdict/evaluation.js'
import { TargetIndex } from '../../review/facts/target-index.js'
import { buildCheckInput, type CheckInput, type FolderOption } from './input.js'
import type { CheckOptions } from './options.js'
import { openDatabases, silentReader } from '../input/database-choice.js'
import { findingPlace, objectPlace, placeKey } from '../output/finding-place.js'
import type { ClosableReader } from '../../gate/pooled-reader.js'
import type { InputAdapters, ReaderOptions } from '../input/adapters.js'
import { readSettings } from '../../gate/settings-file.js'
import { UsageError } from '../line/usage-error.js'
import { readVersion } from '../../gate/version.js'
import { reportedProblem } from '../output/reported-problem.js'

/** How a check reaches files, databases and the clock. */
export interface CheckAdapters extends InputAdapters {
  /** Called only when databases may be connected to, because loading their driver takes long. */
  readonly openReader: (options: ReaderOptions) => Promise<ClosableReader>
  /** Resolves when something in the paths has changed, or the signal fires. */
  readonly whenChanged: (paths: readonly string[], options: WatchOptions) => Promise<void>
}

/**
 * Reads everything again and checks it. When the signal fires it ends early, with what it has.
 * @throws UsageError, SettingsError, InputError and others for an argument that cannot be used
 */
export async function judgeManifests(
  options: CheckOptions,
  adapters: CheckAdapters,
  signal: AbortSignal,
): Promise<Report> {
  const startedAt = new Date()
  const started = performance.now()
  const settings = await readSettings(options.policy, ruleIds)
  const reader = options.databases.offline
    ? null
    : await adapters.openReader({ limits: settings.database, onFailure: () => {} })
  try {
    const { manifests, input, writes } = await judge(options, {
      adapters,
      settings,
      reader: reader ?? silentReader,
      signal,
    })
    return {
      command: 'check',
      version: readVersion(),
      documentationUrl: settings.documentationUrl,
      startedAt: startedAt.toISOString(),
      seconds: (performance.now() - started) / 1000,
      objects: reportedObjects(input, writes),
      problems: manifests.problems.map(reportedProblem),
      groups: [],
      notes: [...input.notes, ...(options.databases.offline ? [offlineNote] : [])],
    }
  } finally {
    await reader?.close()
  }
}

const offlineNote =
  'offline: no database was asked, so nothing is said about the live revisions tables'

interface CheckRun {
  readonly adapters: CheckAdapters
  readonly settings: Settings
  readonly reader: RevisionsReader
  readonly signal: AbortSignal
}

async function judge(options: CheckOptions, { adapters, settings, reader, signal }: CheckRun) {
  const { environment, namespace, limitMs } = options
  const { readStandardInput, readExport } = adapters
  const read = (paths: readonly string[]) =>
    adapters.readManifests({ paths, namespace, readStandardInput })
  const databases = await openDatabases(options.databases, { environment, reader, readExport })
  const manifests = await read(options.paths)
  const folders = await readFolders(options.folders, adapters)
  const input = buildCheckInput({ manifests, folders, databases })
  const cluster = adapters.buildDeliveryCluster()
  const old = await read(options.before)
  for (const delivered of buildCheckInput({ manifests: old, folders: [], databases }).objects)
    cluster.put(delivered)
  const unused = databases.unused()
  if (unused.length > 0) throw new UsageError(`${unused[0]}: no AtlasMigration of that name here`)
  const writes: DeliveredWrite[] = []
  const delivery = reviewDelivery(input.objects, {
    cluster,
    reader: databases.reader,
    evaluate: remarking(evaluate),
    targets: new TargetIndex(),
    rules,
    settings,
    now: () => new Date(),
    limitMs,
    signal,
  })
  for await (const write of delivery) writes.push(write)
  return { manifests: withProblemsOf(manifests, old), input, writes }
}

function withProblemsOf(manifests: ManifestInput, old: ManifestInput): ManifestInput {
  return { ...manifests, problems: [...manifests.problems, ...old.problems] }
}

function readFolders(folders: readonly FolderOption[], { readMigrationFolder }: CheckAdapters) {
  return Promise.all(
    folders.map(async option => ({
      ...option,
      content: await readMigrationFolder(option.folder),
    })),
  )
}

function reportedObjects(
  { places }: CheckInput,
  writes: readonly DeliveredWrite[],
): Report['objects'] {
  return summarizeDelivery(writes).map(({ migration, judged, ...verdict }) => {
    const { namespace = '', name = '' } = migration.metadata
    const own = places.objects.get(placeKey('AtlasMigration', migration))
    return {
      ...verdict,
      kind: 'AtlasMigration' as const,
      namespace,
      name,
      place: own ? objectPlace(own) : null,
      findings: judged.map(found => ({
        judged: found,
        place: findingPlace(found.finding, migration, places),
      })),
    }
  })
}
