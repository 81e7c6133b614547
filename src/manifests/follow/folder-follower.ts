import { watchFolders } from './folder-watch.js'
import type { ManifestFileCache, ManifestFiles } from '../read/manifest-files.js'

export interface FollowOptions {
  readonly look: ManifestFileCache['look']
  readonly pollMs: number
  readonly settleMs: number
  /** After each look; null when the folder itself could not be read. */
  readonly onLook: (files: ManifestFiles | null) => void
}

/**
 * Looks at a folder again and again: soon after a watch saw something, soon when something was unsettled, else by
 * polling. `first` is the look that was already taken. Returns how to stop.
 */
export function followFolder(first: ManifestFiles, options: FollowOptions): () => void {
  const { pollMs, settleMs } = options
  const watch = watchFolders(() => lookIn(settleMs))
  let timer: NodeJS.Timeout | undefined
  let due = Number.POSITIVE_INFINITY
  let looking = false
  let closed = false

  /** Only ever brings the next look forward, so a burst of events leads to one look. */
  function lookIn(ms: number): void {
    const at = Date.now() + ms
    if (closed || at >= due) return
    due = at
    clearTimeout(timer)
    timer = setTimeout(() => void look(), ms).unref()
  }

  async function look(): Promise<void> {
    due = Number.POSITIVE_INFINITY
    // An event during a look leads to another one, but never two at a time.
    if (looking) return lookIn(settleMs)
    looking = true
    const files = await options.look({ settleMs, now: Date.now() }).catch(() => null)
    looking = false
    if (closed) return
    options.onLook(files)
    plan(files)
  }

  function plan(files: ManifestFiles | null): void {
    watch.follow(files?.folders ?? new Set())
    lookIn(files?.unsettled ? settleMs : pollMs)
  }

  plan(first)
  return () => {
    closed = true
    clearTimeout(timer)
    watch.close()
  }
}
