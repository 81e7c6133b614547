import { takeSnapshot } from '../../review/cluster-snapshot.js'
import type { Cluster } from '../../review/ports/ports.js'
import { readWithin } from '../../review/ports/read-scope.js'
import { withTimeLimit } from '../../review/limits/time-limit.js'
import type { Adapters } from './adapters.js'
import { accessOf, type ClusterChoice, type KubernetesChoice } from './cluster-choice.js'
import { ManifestsError } from './manifests-error.js'
import { listMistakes } from '../../report/parts/mistake-list.js'

/** A cluster for a command that answers once. Its AtlasMigrations do not change any more. */
export interface OpenedOnce {
  readonly cluster: Cluster
  /** One line for each AtlasMigration that cannot be read. The cluster is without these objects. */
  readonly unreadable: readonly string[]
  close(): void
}

export interface OpeningLimit {
  /** How long it may take until all AtlasMigrations of a cluster are known. */
  readonly waitMs: number
  readonly signal: AbortSignal
}

/**
 * Opens what the options name, and waits until all of it is known.
 * @throws ManifestsError for a folder with mistakes, KubeconfigError, ClusterError that says what
 * is missing
 */
export async function openOnce(
  choice: ClusterChoice,
  adapters: Pick<Adapters, 'openManifests' | 'openKubernetes'>,
  limit: OpeningLimit,
): Promise<OpenedOnce> {
  return choice.kind === 'manifests'
    ? openFolder(choice.folder, adapters)
    : openKubernetesOnce(choice, adapters, limit)
}

async function openFolder(
  folder: string,
  adapters: Pick<Adapters, 'openManifests'>,
): Promise<OpenedOnce> {
  const cluster = await adapters.openManifests(folder)
  cluster.close()
  const problems = cluster.problems()
  if (problems.length > 0)
    throw new ManifestsError(`the manifests cannot be used\n${listMistakes(problems)}`)
  return { cluster: takeSnapshot(cluster), unreadable: [], close() {} }
}

/**
 * Opens a real cluster. A person waits for the answer, so the first failure ends the command.
 * @throws KubeconfigError, ClusterError
 */
export async function openKubernetesOnce(
  choice: KubernetesChoice,
  adapters: Pick<Adapters, 'openKubernetes'>,
  { waitMs, signal }: OpeningLimit,
): Promise<OpenedOnce> {
  const failed = new AbortController()
  const cluster = await adapters.openKubernetes({
    access: accessOf(choice),
    namespaces: choice.namespaces,
    onRestart: () => failed.abort(),
  })
  try {
    await withTimeLimit({ ms: waitMs, parent: signal }, deadline =>
      cluster.whenSynced(AbortSignal.any([deadline.signal, failed.signal])),
    )
  } catch (error) {
    cluster.close()
    throw error
  }
  const unreadable = cluster.unreadable()
  const { namespaces } = choice
  const readable = readWithin(cluster, { namespaces, certificateSecret: null })
  return { cluster: takeSnapshot(readable), unreadable, close: () => cluster.close() }
}
