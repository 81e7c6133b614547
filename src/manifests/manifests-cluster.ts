import type { Cluster } from '../review/ports/ports.js'
import { consolidatedConfigMaps } from './consolidated-configmaps.js'
import { FolderFollower, type NextLook } from '../files/folder-follower.js'
import { ManifestFileCache, type ManifestFiles } from './read/manifest-files.js'
import type { ManifestProblem } from './text/manifest-problem.js'
import { ManifestsFolderError } from './read/manifests-folder-error.js'
import { buildSnapshot, type ManifestsSnapshot } from './read/manifests-snapshot.js'

export interface ManifestsOptions {
  /**
   * Time between two looks at the folder. A watch leads to earlier looks, but links and network
   * file systems need polling.
   */
  readonly pollMs?: number
  /** How long a file must be at rest before a change of it counts. */
  readonly settleMs?: number
}

/**
 * A folder of manifests that stands for the cluster. It answers from memory, so the deadline of a
 * read never matters.
 */
export interface ManifestsCluster extends Cluster {
  /** Everything in the files that cannot be used, in the order of the paths. */
  problems(): readonly ManifestProblem[]
  /** Kinds of object in the files that nothing here reads, such as `apps/v1 Deployment`. */
  skippedKinds(): readonly string[]
  /**
   * Calls the listener after each change of objects or problems, until the returned function is
   * called.
   */
  onChange(listener: () => void): () => void
  /** Stops following the files. What was read stays available. */
  close(): void
}

/**
 * Reads a folder of YAML and JSON files, and follows its changes until closed. Broken files are
 * listed in `problems()` and never make it reject. A folder that cannot be read does, with a
 * {@link ManifestsFolderError}.
 */
export async function openManifests(
  folder: string,
  { pollMs = 2000, settleMs = 100 }: ManifestsOptions = {},
): Promise<ManifestsCluster> {
  const cache = new ManifestFileCache(folder)
  // At the start there are no earlier objects that could stand in for a file that was just written,
  // so files need not be at rest.
  const first = await cache.look({ settleMs: 0, now: Date.now() }).catch((error: unknown) => {
    throw new ManifestsFolderError(folder, error)
  })
  const listeners = new Set<() => void>()
  let snapshot = buildSnapshot(first.files)
  let lost = false
  /** Takes null when the folder itself could not be read. */
  const onLook = (files: ManifestFiles | null): NextLook => {
    const isNews = files === null ? !lost : files.changed || lost
    if (isNews) {
      lost = files === null
      snapshot = files === null ? withLostFolder(snapshot, folder) : buildSnapshot(files.files)
      for (const listener of listeners) listener()
    }
    return files ?? { folders: new Set(), unsettled: false }
  }
  const look = () => cache.look({ settleMs, now: Date.now() }).catch(() => null)
  const follower = new FolderFollower(first, { look, onLook, pollMs, settleMs })
  return {
    ...clusterOf(() => snapshot),
    problems: () => snapshot.problems,
    skippedKinds: () => snapshot.skippedKinds,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: () => follower.close(),
  }
}

function clusterOf(current: () => ManifestsSnapshot): Cluster {
  return {
    readConfigMap: async (namespace, name) =>
      current().configMaps.get(`${namespace}/${name}`) ?? null,
    readSecret: async (namespace, name) => current().secrets.get(`${namespace}/${name}`) ?? null,
    configMapNames: async (namespace, prefix) =>
      [...current().configMaps.keys()].flatMap(key =>
        key.startsWith(`${namespace}/${prefix}`) ? key.slice(namespace.length + 1) : [],
      ),
    consolidatedConfigMaps: async namespace =>
      consolidatedConfigMaps(namespace, current().configMaps.values()),
    migrations: () => current().migrations.all(),
    migrationsOfConfigMap: (namespace, name) => current().migrations.ofConfigMap(namespace, name),
    migrationsOfSecret: (namespace, name) => current().migrations.ofSecret(namespace, name),
  }
}

/** The last good objects stay, because unmounting a folder does not delete what it described. */
function withLostFolder(snapshot: ManifestsSnapshot, folder: string): ManifestsSnapshot {
  const message = 'the folder cannot be read any more; its last objects still count'
  return {
    ...snapshot,
    problems: [{ file: folder, line: 1, column: 1, message }, ...snapshot.problems],
  }
}
