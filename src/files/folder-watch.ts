import { watch, type FSWatcher } from 'node:fs'

/** Tells that something in the watched folders has changed, but neither what nor how often. */
export interface FolderWatch {
  /** Watches exactly these folders from now on. */
  follow(folders: ReadonlySet<string>): void
  close(): void
}

export interface FolderWatchOptions {
  readonly onEvent: () => void
  /** Called with a folder that cannot be watched, each time that it should be. */
  readonly onUnwatched?: ((folder: string) => void) | undefined
}

/**
 * Watches folders, each with a watch of its own. Node's recursive watch on Linux does not help: it
 * follows no links, and up to Node 20 it watches every single file. Folders that cannot be watched
 * (no inotify left, a network file system) are left to polling.
 */
export function watchFolders({ onEvent, onUnwatched }: FolderWatchOptions): FolderWatch {
  const watchers = new Map<string, FSWatcher>()
  const unfollow = (folder: string): void => {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }
  return {
    follow(folders) {
      for (const folder of watchers.keys()) if (!folders.has(folder)) unfollow(folder)
      for (const folder of folders) {
        if (watchers.has(folder)) continue
        const watcher = tryWatch(folder, onEvent)
        if (watcher === null) onUnwatched?.(folder)
        else {
          watchers.set(folder, watcher)
          watcher.on('error', () => {
            unfollow(folder)
            onUnwatched?.(folder)
          })
        }
      }
    },
    close() {
      for (const folder of watchers.keys()) unfollow(folder)
    },
  }
}

function tryWatch(folder: string, onEvent: () => void): FSWatcher | null {
  try {
    return watch(folder, { persistent: false }, onEvent)
  } catch {
    return null
  }
}
