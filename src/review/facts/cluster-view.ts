import { isDeepStrictEqual } from 'node:util'
import { buildDirectory, type Directory } from '../../atlas/directory/directory.js'
import type {
  AtlasMigration,
  ConfigMap,
  ObjectMetadata,
  Secret,
} from '../../policy/facts/atlas-migration.js'
import { type HclDocument, parseHcl } from '../../policy/text/hcl.js'
import { ClusterError } from '../ports/cluster-error.js'
import type { Cluster, Deadline } from '../ports/ports.js'

/** A ConfigMap or Secret before or after a write; `object` is null when it does not exist then. */
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

/** The cluster as one review sees it. */
export interface ClusterView {
  readConfigMap(namespace: string, name: string): Promise<Reading<ConfigMap>>
  readSecret(namespace: string, name: string): Promise<Reading<Secret>>
  /** Names of ConfigMaps, only for hints in messages: empty when they cannot be read. */
  configMapNames(namespace: string, prefix: string): Promise<readonly string[]>
  /** Metadata of the ConfigMaps that may consolidate others of their namespace. */
  consolidatedConfigMaps(namespace: string): Promise<Reading<readonly ObjectMetadata[]>>
  migrations(): readonly AtlasMigration[]
  /**
   * AtlasMigrations under review now or a moment ago, which the API server is about to store and
   * the cluster does not show yet.
   */
  arriving(): readonly AtlasMigration[]
  /**
   * The directory of these files. Equal files give the same object, so that it is hashed once and
   * known to be unchanged.
   */
  directoryOf(data: Readonly<Record<string, string>>): Directory
  /** An atlas.hcl, parsed once however many AtlasMigrations take it from one Secret. */
  configOf(text: string): HclDocument
}

/**
 * Reads every object at most once, however many facts need it. A failure to read is a fact here,
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
    configOf: buildConfigMemo(),
  }
}

/** The cluster before or after a write, which changes one ConfigMap or Secret. */
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
  const ofData = new WeakMap<Readonly<Record<string, string>>, Directory>()
  const read = (data: Readonly<Record<string, string>>) => {
    // The directories before and after a write come first, and mostly they are equal. Comparing
    // with more than a few costs more than it saves.
    const same = known.slice(0, maxCompared).find(entry => isDeepStrictEqual(entry.data, data))
    if (same) return same.directory
    const directory = buildDirectory(data)
    known.push({ data, directory })
    return directory
  }
  return data => {
    // Hundreds of AtlasMigrations may use one ConfigMap.
    const directory = ofData.get(data) ?? read(data)
    ofData.set(data, directory)
    return directory
  }
}

const maxCompared = 8

function buildConfigMemo(): ClusterView['configOf'] {
  const known = new Map<string, HclDocument>()
  return text => {
    const document = known.get(text) ?? parseHcl(text)
    known.set(text, document)
    return document
  }
}

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
