import type { MigrationIndex } from '../review/object/migration-index.js'
import type { Cluster } from '../review/ports/ports.js'
import { ApiClient } from './api/api-client.js'
import {
  buildKubernetesAudit,
  type KubernetesAudit,
  type KubernetesAuditOptions,
} from './audit/audit-ports.js'
import { FirstSync } from './watch/first-sync.js'
import { type KubernetesAccess, readKubeconfig } from './api/kubeconfig.js'
import {
  type MigrationListener,
  MigrationWatch,
  type WatchTiming,
} from './watch/migration-watch.js'
import { ObjectReader } from './object-reader.js'
import { tryCalling, WatchedObjects } from './watch/watched-objects.js'

export interface KubernetesOptions {
  readonly access: KubernetesAccess
  /** The namespaces whose AtlasMigrations are followed; empty for all. */
  readonly namespaces?: readonly string[]
  readonly timing?: Partial<WatchTiming>
  /**
   * Told when a watch, or the list before it, failed and will be tried again. The reason is fit for
   * a log.
   */
  readonly onRestart?: (reason: string) => void
  /** Told when a listener of `onChange`, or `onRestart`, threw. This must not throw. */
  readonly onListenerError?: (error: unknown) => void
}

/**
 * A real API server as the cluster. AtlasMigrations are kept in memory; ConfigMaps and Secrets are
 * read by name when they are asked for.
 */
export interface KubernetesCluster extends Cluster {
  /**
   * Whether all AtlasMigrations have been read once. Until then the cluster seems to have too few
   * of them.
   */
  synced(): boolean
  /** Resolves at the first sync. Rejects with a ClusterError that says what is missing when the signal fires first. */
  whenSynced(signal: AbortSignal): Promise<void>
  /**
   * Why no calls should be sent to this process: what is missing, by name and without a secret.
   * null when nothing is.
   */
  problem(): string | null
  /** One line for each AtlasMigration that cannot be read. No review knows of these objects. */
  unreadable(): readonly string[]
  /** How often a watch or the list before it failed. */
  restarts(): number
  /**
   * Seconds since the API server last sent anything about AtlasMigrations; of several watches the
   * longest time.
   */
  lastEventAge(): number
  /**
   * Calls the listener after changes, once for those that come together, until the returned
   * function is called.
   */
  onChange(listener: () => void): () => void
  /** Opens what an audit needs, over the same connections. To be used before `close`. */
  openAudit(options: KubernetesAuditOptions): KubernetesAudit
  /** Ends all watches and connections. What was read stays readable. */
  close(): void
}

const defaultTiming: WatchTiming = {
  // The delay of the library's informer after an orderly end.
  baseDelayMs: 1000,
  maxDelayMs: 30_000,
  // Twice the longest delay: one failed attempt is no reason to send calls elsewhere.
  brokenAfterMs: 60_000,
  // Bookmarks come about once a minute, but none before the first event of the kind (kube-apiserver
  // 1.36, cacher). The watch is then begun anew from its last version, which costs one request.
  idleTimeoutMs: 90_000,
  pageTimeoutMs: 30_000,
}

/**
 * Begins to follow a cluster, and does not wait for it. Nothing that the API server does, or fails
 * to do, makes it reject. Only a configuration without an API server does, with a KubeconfigError.
 */
export async function openKubernetes(options: KubernetesOptions): Promise<KubernetesCluster> {
  const { onListenerError = () => {} } = options
  const config = readKubeconfig(options.access)
  const client = new ApiClient(config)
  const objects = new WatchedObjects(onListenerError)
  let restarts = 0
  const firstSync = new FirstSync(() => watches.every(({ health }) => health.synced))
  const listener: MigrationListener = {
    changed: object => objects.set(object),
    removed: object => objects.delete(object),
    listed: () => firstSync.look(),
    failed(reason) {
      restarts += 1
      // An error of the listener must not keep the watch from beginning again.
      tryCalling(() => options.onRestart?.(reason), onListenerError)
    },
  }
  const timing = { ...defaultTiming, ...options.timing }
  const watches = scopesOf(options).map(
    namespace => new MigrationWatch({ config, client, namespace, timing, listener }),
  )
  for (const watch of watches) watch.start()
  const problem = () => problemOf(watches)
  return {
    ...clusterOf(objects.index, new ObjectReader(client)),
    synced: () => firstSync.reached,
    whenSynced: signal => firstSync.wait(signal, () => String(problem())),
    restarts: () => restarts,
    problem,
    unreadable: () => objects.unreadable(),
    lastEventAge: () => Math.max(...watches.map(({ health }) => health.lastEventAge)),
    onChange: listener => objects.onChange(listener),
    openAudit: audit => buildKubernetesAudit({ client, config }, audit),
    close() {
      for (const watch of watches) watch.close()
      config.close()
    },
  }
}

/** The namespaces to watch; null stands for all of them. */
function scopesOf({ namespaces = [] }: KubernetesOptions): readonly (string | null)[] {
  return namespaces.length === 0 ? [null] : [...new Set(namespaces)]
}

function problemOf(watches: readonly MigrationWatch[]): string | null {
  const problems = watches.flatMap(({ health }) => health.problem() ?? [])
  // The watches usually have the same problem, which is then named once.
  return problems.length === 0 ? null : [...new Set(problems)].join('; ')
}

function clusterOf(index: MigrationIndex, reader: ObjectReader): Cluster {
  return {
    readConfigMap: (namespace, name, deadline) =>
      reader.readConfigMap({ namespace, name }, deadline),
    readSecret: (namespace, name, deadline) => reader.readSecret({ namespace, name }, deadline),
    configMapNames: (namespace, prefix, deadline) =>
      reader.configMapNames({ namespace, name: prefix }, deadline),
    consolidatedConfigMaps: (namespace, deadline) =>
      reader.consolidatedConfigMaps(namespace, deadline),
    migrations: () => index.all(),
    migrationsOfConfigMap: (namespace, name) => index.ofConfigMap(namespace, name),
    migrationsOfSecret: (namespace, name) => index.ofSecret(namespace, name),
  }
}
