import { watchFolders } from './folder-watch.js'
import type { ManifestFileCache, ManifestFiles } from '../read/manifest-files.js'

export interface FollowOptions {
  readonly look: ManifestFileCache['look']
  readonly pollMs: number
  readonly settleMs: number
  /** Called after each look; with null when the folder itself could not be read. */
  readonly onLook: (files: ManifestFiles | null) => void
}

/**
 * Looks at a folder again and again: soon after a watch saw a change, soon when a file was not at
 * rest, else after the polling interval. `first` is a look that was taken already. Returns a
 * function that stops it.
 */
export function followFolder(first: ManifestFiles, options: FollowOptions): () => void {
  const { pollMs, settleMs } = options
  const watch = watchFolders(() => lookIn(settleMs))
  let timer: NodeJS.Timeout | undefined
  let due = Number.POSITIVE_INFINITY
  let looking = false
  let closed = false

  /**
   * Plans the next look. An earlier plan is only moved forward, so a burst of events leads to one
   * look.
   */
  function lookIn(ms: number): void {
    const at = Date.now() + ms
    if (closed || at >= due) return
    due = at
    clearTimeout(timer)
    timer = setTimeout(() => void look(), ms).unref()
  }

  async function look(): Promise<void> {
    due = Number.POSITIVE_INFINITY
    // An event during a look leads to another look after it, never to two at a time.
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
