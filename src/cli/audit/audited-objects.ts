import type { ManifestInput } from '../../manifests/read/manifest-input.js'
import { takeSnapshot } from '../../review/cluster-snapshot.js'
import type { Cluster, RevisionsReader } from '../../review/ports/ports.js'
import { readForOneRun, rememberSecrets } from '../../review/audit/single-run.js'
import type { Adapters, InputAdapters } from '../input/adapters.js'
import type { AuditedChoice, ReadingChoice } from './choice.js'
import { buildCheckInput } from '../check/input.js'
import { type ChosenDatabases, openDatabases } from '../input/database-choice.js'
import type { InputPlaces } from '../output/finding-place.js'
import { openKubernetesOnce } from '../input/open-once.js'
import type { Progress } from '../output/progress.js'
import { UsageError } from '../line/usage-error.js'

/** How the objects and databases of an audit are reached. */
export interface AuditAdapters
  extends
    Pick<Adapters, 'openKubernetes' | 'buildReader'>,
    Omit<InputAdapters, 'readMigrationFolder'> {}

/** The objects to audit at one moment, with the databases that the options choose for them. */
export interface AuditedObjects {
  readonly cluster: Cluster
  readonly reader: RevisionsReader
  /** The places of the objects in files; null for a cluster. */
  readonly places: InputPlaces | null
  readonly problems: ManifestInput['problems']
  /** One line for each AtlasMigration that cannot be read. */
  readonly unreadable: readonly string[]
  readonly notes: readonly string[]
  close(): void
}

export interface AuditSources {
  readonly adapters: AuditAdapters
  /** A reader for databases that may be connected to. */
  readonly reader: RevisionsReader
  readonly signal: AbortSignal
  readonly progress: Progress
}

/**
 * @throws UsageError for an option about an object that does not exist, and what the adapters throw
 */
export async function openAudited(
  choice: ReadingChoice,
  sources: AuditSources,
): Promise<AuditedObjects> {
  const { adapters, reader } = sources
  const { environment } = choice
  const { readExport } = adapters
  const databases = await openDatabases(choice.databases, { environment, reader, readExport })
  const opened = await openObjects(choice, databases, sources)
  const unused = databases.unused()
  if (unused.length > 0) {
    opened.close()
    throw new UsageError(`${unused[0]}: no AtlasMigration of that name here`)
  }
  return { ...opened, reader: readForOneRun(databases.reader) }
}

type OpenedObjects = Omit<AuditedObjects, 'reader'>

async function openObjects(
  { audited, namespace, pace }: ReadingChoice,
  databases: ChosenDatabases,
  { adapters, signal, progress }: AuditSources,
): Promise<OpenedObjects> {
  if (audited.kind === 'manifests') {
    progress.step('reading the manifests')
    return openFiles({ paths: audited.paths, namespace }, databases, adapters)
  }
  progress.step('reading the AtlasMigrations of the cluster')
  return openLive(audited, databases, { adapters, signal, waitMs: pace.limitMs })
}

async function openFiles(
  input: { readonly paths: readonly string[]; readonly namespace: string },
  databases: ChosenDatabases,
  adapters: AuditAdapters,
): Promise<OpenedObjects> {
  const { readStandardInput } = adapters
  const manifests = await adapters.readManifests({ ...input, readStandardInput })
  const { objects, places, notes } = buildCheckInput({ manifests, folders: [], databases })
  const cluster = adapters.buildDeliveryCluster()
  for (const object of objects) cluster.put(object)
  const { problems } = manifests
  return { cluster, places, problems, unreadable: [], notes, close() {} }
}

async function openLive(
  audited: Extract<AuditedChoice, { readonly kind: 'kubernetes' }>,
  databases: ChosenDatabases,
  { adapters, ...limit }: Pick<AuditSources, 'adapters' | 'signal'> & { readonly waitMs: number },
): Promise<OpenedObjects> {
  const opened = await openKubernetesOnce(audited, adapters, limit)
  const cluster = takeSnapshot(opened.cluster, databases.substitute)
  return {
    cluster: rememberSecrets(cluster),
    places: null,
    problems: [],
    unreadable: opened.unreadable,
    notes: [],
    close: () => opened.close(),
  }
}
