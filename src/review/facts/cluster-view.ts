import { isDeepStrictEqual } from 'node:util'
import { buildDirectory, type Directory } from '../../atlas/directory/directory.js'
import type {
  AtlasMigration,
  ConfigMap,
  ObjectMetadata,
  Secret,
} from '../../policy/facts/atlas-migration.js'
import { ClusterError } from '../ports/cluster-error.js'
import type { Cluster, Deadline } from '../ports/ports.js'

/** A ConfigMap or Secret as one side of a write has it; `object` null when it is not there on that side. */
export type Write =
  | {
      readonly kind: 'ConfigMap'
      readonly namespace: string
      readonly name: string
      readonly object: ConfigMap | null
    }
  | {
      readonly kind: 'Secret'
      readonly namespace: string
      readonly name: string
      readonly object: Secret | null
    }

/** An object, its absence, or why neither can be told. */
export type Reading<T> = { readonly value: T | null } | { readonly unreadable: string }

/** The cluster during one review. */
export interface ClusterView {
  readConfigMap(namespace: string, name: string): Promise<Reading<ConfigMap>>
  readSecret(namespace: string, name: string): Promise<Reading<Secret>>
  /** Only for hints: a failure is no names. */
  configMapNames(namespace: string, prefix: string): Promise<readonly string[]>
  /** Metadata of the ConfigMaps that may consolidate others of their namespace. */
  consolidatedConfigMaps(namespace: string): Promise<Reading<readonly ObjectMetadata[]>>
  migrations(): readonly AtlasMigration[]
  /** Those that are about to be stored, and not among the others yet. */
  arriving(): readonly AtlasMigration[]
  /** The directory of these files; one for equal files, so that it is hashed once and known to be unchanged. */
  directoryOf(data: Readonly<Record<string, string>>): Directory
}

/**
 * Every object is read once at most, however many facts need it. A failure to read is a fact here,
 * since most of a verdict does not depend on any one object.
 */
export function buildClusterView(cluster: Cluster, deadline: Deadline): ClusterView {
  const configMaps = new Map<string, Promise<Reading<ConfigMap>>>()
  const secrets = new Map<string, Promise<Reading<Secret>>>()
  const consolidated = new Map<string, Promise<Reading<readonly ObjectMetadata[]>>>()
  return {
    readConfigMap: (namespace, name) =>
      once(configMaps, `${namespace}/${name}`, () =>
        cluster.readConfigMap(namespace, name, deadline),
      ),
    readSecret: (namespace, name) =>
      once(secrets, `${namespace}/${name}`, () => cluster.readSecret(namespace, name, deadline)),
    configMapNames: (namespace, prefix) =>
      cluster.configMapNames(namespace, prefix, deadline).catch(() => []),
    consolidatedConfigMaps: namespace =>
      once(consolidated, namespace, () => cluster.consolidatedConfigMaps(namespace, deadline)),
    migrations: () => cluster.migrations(),
    arriving: () => [],
    directoryOf: buildDirectoryMemo(),
  }
}

/** The same cluster as one side of a write has it. */
export function withWrite(view: ClusterView, write: Write | null): ClusterView {
  if (write === null) return view
  const isWritten = (namespace: string, name: string) =>
    write.namespace === namespace && write.name === name
  return {
    ...view,
    readConfigMap: async (namespace, name) =>
      write.kind === 'ConfigMap' && isWritten(namespace, name)
        ? { value: write.object }
        : view.readConfigMap(namespace, name),
    readSecret: async (namespace, name) =>
      write.kind === 'Secret' && isWritten(namespace, name)
        ? { value: write.object }
        : view.readSecret(namespace, name),
  }
}

function buildDirectoryMemo(): ClusterView['directoryOf'] {
  const known: {
    readonly data: Readonly<Record<string, string>>
    readonly directory: Directory
  }[] = []
  return data => {
    // Before and after are the first two, and mostly equal; beyond a few, comparing costs more than it saves.
    const same = known.slice(0, maxCompared).find(entry => isDeepStrictEqual(entry.data, data))
    if (same) return same.directory
    const directory = buildDirectory(data)
    known.push({ data, directory })
    return directory
  }
}

const maxCompared = 8

function once<T>(
  readings: Map<string, Promise<Reading<T>>>,
  key: string,
  read: () => Promise<T | null>,
): Promise<Reading<T>> {
  const known = readings.get(key)
  if (known) return known
  const reading = read().then(
    (value): Reading<T> => ({ value }),
    (error: unknown): Reading<T> => {
      if (error instanceof ClusterError) return { unreadable: error.reason }
      throw error
    },
  )
  readings.set(key, reading)
  return reading
}
