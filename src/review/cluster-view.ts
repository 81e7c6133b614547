import type { ConfigMap, Secret } from '../policy/atlas-migration.js'
import { ClusterError } from './cluster-error.js'
import type { Cluster, Deadline } from './ports.js'

/** A ConfigMap or Secret as a write leaves it; `object` null when the write removes it (or it was not there before). */
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

/**
 * The cluster as one side of a write would leave it. Every object is read once at most, however many
 * facts need it. A failure to read is a fact here, since most of a verdict does not depend on it.
 */
export class ClusterView {
  readonly #cluster: Cluster
  readonly #write: Write | null
  readonly #deadline: Deadline
  readonly #configMaps = new Map<string, Promise<Reading<ConfigMap>>>()
  readonly #secrets = new Map<string, Promise<Reading<Secret>>>()

  constructor(cluster: Cluster, write: Write | null, deadline: Deadline) {
    this.#cluster = cluster
    this.#write = write
    this.#deadline = deadline
  }

  readConfigMap(namespace: string, name: string): Promise<Reading<ConfigMap>> {
    const write = this.#write
    if (write?.kind === 'ConfigMap' && write.namespace === namespace && write.name === name)
      return Promise.resolve({ value: write.object })
    return once(this.#configMaps, `${namespace}/${name}`, () =>
      this.#cluster.readConfigMap(namespace, name, this.#deadline),
    )
  }

  readSecret(namespace: string, name: string): Promise<Reading<Secret>> {
    const write = this.#write
    if (write?.kind === 'Secret' && write.namespace === namespace && write.name === name)
      return Promise.resolve({ value: write.object })
    return once(this.#secrets, `${namespace}/${name}`, () =>
      this.#cluster.readSecret(namespace, name, this.#deadline),
    )
  }

  /** Only for a hint, so a failure is no names. */
  async configMapNames(namespace: string, prefix: string): Promise<readonly string[]> {
    try {
      return await this.#cluster.configMapNames(namespace, prefix, this.#deadline)
    } catch {
      return []
    }
  }

  migrations() {
    return this.#cluster.migrations()
  }

  /** True when this object is the one being written: its content is then not "another object's". */
  isWritten(kind: Write['kind'], namespace: string, name: string): boolean {
    const write = this.#write
    return write?.kind === kind && write.namespace === namespace && write.name === name
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
