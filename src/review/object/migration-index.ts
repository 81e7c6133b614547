import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { secretNames } from './secret-names.js'

/**
 * Finds AtlasMigrations by the objects that they refer to. A change or a question costs as much as
 * one object has references, however many objects there are.
 */
export class MigrationIndex {
  readonly #byName = new Map<string, AtlasMigration>()
  readonly #byConfigMap = new Map<string, Set<AtlasMigration>>()
  readonly #bySecret = new Map<string, Set<AtlasMigration>>()
  #all: readonly AtlasMigration[] | null = null

  /** Adds the object, in place of an earlier one of the same namespace and name. */
  set(migration: AtlasMigration): void {
    const { namespace = '', name = '' } = migration.metadata
    this.delete(namespace, name)
    this.#byName.set(keyOf(namespace, name), migration)
    for (const key of configMapKeys(migration)) add(this.#byConfigMap, key, migration)
    for (const key of secretKeys(migration)) add(this.#bySecret, key, migration)
  }

  delete(namespace: string, name: string): void {
    const key = keyOf(namespace, name)
    const known = this.#byName.get(key)
    this.#all = null
    if (known === undefined) return
    this.#byName.delete(key)
    for (const key of configMapKeys(known)) remove(this.#byConfigMap, key, known)
    for (const key of secretKeys(known)) remove(this.#bySecret, key, known)
  }

  /** The AtlasMigrations of all namespaces. The array is the same one until something changes. */
  all(): readonly AtlasMigration[] {
    this.#all ??= [...this.#byName.values()]
    return this.#all
  }

  /** The AtlasMigrations whose spec.dir.configMapRef names the ConfigMap. */
  ofConfigMap(namespace: string, name: string): readonly AtlasMigration[] {
    return [...(this.#byConfigMap.get(keyOf(namespace, name)) ?? [])]
  }

  /** The AtlasMigrations whose target or dev URL needs the Secret. */
  ofSecret(namespace: string, name: string): readonly AtlasMigration[] {
    return [...(this.#bySecret.get(keyOf(namespace, name)) ?? [])]
  }
}

/** A key that is unique, because neither part can hold a slash. */
function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`
}

function configMapKeys({ metadata: { namespace = '' }, spec }: AtlasMigration): readonly string[] {
  const name = spec.dir?.configMapRef?.name
  return name ? [keyOf(namespace, name)] : []
}

function secretKeys(migration: AtlasMigration): readonly string[] {
  const { namespace = '' } = migration.metadata
  return [...secretNames(migration)].map(name => keyOf(namespace, name))
}

type Buckets = Map<string, Set<AtlasMigration>>

function add(buckets: Buckets, key: string, migration: AtlasMigration): void {
  const bucket = buckets.get(key)
  if (bucket) bucket.add(migration)
  else buckets.set(key, new Set([migration]))
}

function remove(buckets: Buckets, key: string, migration: AtlasMigration): void {
  const bucket = buckets.get(key)
  bucket?.delete(migration)
  if (bucket?.size === 0) buckets.delete(key)
}
