import { watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from 'pino'

/** The kubelet swaps a mounted object within a minute or so; a poll finds what a watch misses (network file systems, a replaced folder). */
const POLL_MS = 30_000

/** A writer that is no kubelet writes one file after the other, or one in pieces: wait until it is done. */
const DEBOUNCE_MS = 250

export interface FileWatchTiming {
  readonly pollMs?: number
  readonly debounceMs?: number
}

export interface FileWatchOptions extends FileWatchTiming {
  readonly files: readonly string[]
  readonly log: Logger
  /** Called when the files may have changed, also when they have not. Must not reject. */
  readonly onLook: () => Promise<void>
}

/** Says when files may have changed, until closed; also through the symlinks of a mounted Secret or ConfigMap. */
export class FileWatch {
  readonly #options: FileWatchOptions
  readonly #watchers: FSWatcher[] = []
  readonly #poll: NodeJS.Timeout
  #debounce: NodeJS.Timeout | undefined
  #looks: Promise<void> = Promise.resolve()

  constructor(options: FileWatchOptions) {
    this.#options = options
    // The folder, not the file: the kubelet renames `..data`, which a watch on the file never sees.
    for (const folder of new Set(options.files.map(file => dirname(file))))
      this.#watchFolder(folder)
    this.#poll = setInterval(() => this.#look(), options.pollMs ?? POLL_MS).unref()
  }

  close(): void {
    clearInterval(this.#poll)
    clearTimeout(this.#debounce)
    for (const watcher of this.#watchers) watcher.close()
  }

  #watchFolder(folder: string): void {
    const failed = () => this.#options.log.warn({ folder }, 'folder is not watched, only polled')
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#schedule())
      this.#watchers.push(watcher.on('error', failed))
    } catch {
      // No inotify instances left, or no such folder.
      failed()
    }
  }

  #schedule(): void {
    clearTimeout(this.#debounce)
    const delay = this.#options.debounceMs ?? DEBOUNCE_MS
    this.#debounce = setTimeout(() => this.#look(), delay).unref()
  }

  /** One after the other: of two that overlap the slower one would have the last word with older content. */
  #look(): void {
    this.#looks = this.#looks.then(() => this.#options.onLook())
  }
}
