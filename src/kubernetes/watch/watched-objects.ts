import { MigrationIndex } from '../../review/object/migration-index.js'
import type { WatchedMigration } from './watched-migration.js'

/** What all watches together know, kept up to date event by event. */
export class WatchedObjects {
  readonly index = new MigrationIndex()
  readonly #problems = new Map<string, string>()
  readonly #listeners = new Set<() => void>()
  readonly #onListenerError: (error: unknown) => void
  #telling = false

  constructor(onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError
  }

  set({ metadata: { namespace, name }, migration, problem }: WatchedMigration): void {
    if (migration === null) {
      this.index.delete(namespace, name)
      this.#problems.set(`${namespace}/${name}`, `AtlasMigration ${namespace}/${name}: ${problem}`)
    } else {
      this.#problems.delete(`${namespace}/${name}`)
      this.index.set(migration)
    }
    this.#tell()
  }

  delete({ metadata: { namespace, name } }: WatchedMigration): void {
    this.#problems.delete(`${namespace}/${name}`)
    this.index.delete(namespace, name)
    this.#tell()
  }

  /** One line for each object that cannot be read. */
  unreadable(): readonly string[] {
    return [...this.#problems.values()]
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * Tells the listeners soon. A list brings thousands of changes at once, and they hear of them
   * together.
   */
  #tell(): void {
    if (this.#telling) return
    this.#telling = true
    queueMicrotask(() => {
      this.#telling = false
      for (const listener of this.#listeners) tryCalling(listener, this.#onListenerError)
    })
  }
}

/** Calls a listener, and passes its errors to `onError`. */
export function tryCalling(listener: () => void, onError: (error: unknown) => void): void {
  try {
    listener()
  } catch (error) {
    onError(error)
  }
}
