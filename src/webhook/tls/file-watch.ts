import { watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from 'pino'

/**
 * Time between two polls. The kubelet replaces a mounted object within a minute or so, and polling
 * finds what a watch misses (network file systems, a replaced folder).
 */
const POLL_MS = 30_000

/**
 * Time to wait after an event. A writer other than the kubelet writes one file after the other, or
 * one in pieces.
 */
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

/**
 * Tells when files may have changed, until closed; also through the symlinks of a mounted Secret or
 * ConfigMap.
 */
export class FileWatch {
  readonly #options: FileWatchOptions
  readonly #watchers: FSWatcher[] = []
  readonly #poll: NodeJS.Timeout
  #debounce: NodeJS.Timeout | undefined
  #looks: Promise<void> = Promise.resolve()

  constructor(options: FileWatchOptions) {
    this.#options = options
    // The folder is watched, not the file: the kubelet renames `..data`, which a watch on the file
    // never sees.
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
      // No inotify instances are left, or there is no such folder.
      failed()
    }
  }

  #schedule(): void {
    clearTimeout(this.#debounce)
    const delay = this.#options.debounceMs ?? DEBOUNCE_MS
    this.#debounce = setTimeout(() => this.#look(), delay).unref()
  }

  /**
   * Runs one look after the other. If two overlapped, the slower one could put older content in
   * place last.
   */
  #look(): void {
    this.#looks = this.#looks.then(() => this.#options.onLook())
  }
}
