import { dirname } from 'node:path'
import type { Logger } from 'pino'
import { FolderFollower } from './folder-follower.js'

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

/** Ended by `close`. */
export type FileWatch = Pick<FolderFollower<void>, 'close'>

/**
 * Tells when files may have changed, until closed; also through the symlinks of a mounted Secret or
 * ConfigMap.
 */
export function watchFiles(options: FileWatchOptions): FileWatch {
  const { files, log, onLook, pollMs = POLL_MS, debounceMs = DEBOUNCE_MS } = options
  // The folder is watched, not the file: the kubelet renames `..data`, which a watch on the file
  // never sees.
  const next = { folders: new Set(files.map(file => dirname(file))), unsettled: false }
  const unwatched = new Set<string>()
  return new FolderFollower<void>(next, {
    look: onLook,
    onLook: () => next,
    pollMs,
    settleMs: debounceMs,
    // No inotify instances are left, or there is no such folder. It is tried again at each look,
    // and said once.
    onUnwatched(folder) {
      if (unwatched.has(folder)) return
      unwatched.add(folder)
      log.warn({ folder }, 'folder is not watched, only polled')
    },
  })
}
