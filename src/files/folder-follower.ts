import { type FolderWatch, watchFolders } from './folder-watch.js'

/** What a look says about the looks after it. */
export interface NextLook {
  /** The folders in which changes are to be noticed from now on. */
  readonly folders: ReadonlySet<string>
  /** Whether something is being written now, so that the next look should come soon. */
  readonly unsettled: boolean
}

export interface FollowOptions<Found> {
  /** Takes one look. Must not reject. */
  readonly look: () => Promise<Found>
  /** Called after each look, but not after the end. */
  readonly onLook: (found: Found) => NextLook
  /** Milliseconds from one look to the next when nothing is noticed. */
  readonly pollMs: number
  /** Milliseconds from the last event to a look. */
  readonly settleMs: number
  /** Called with a folder that is polled only, each time that it should be watched. */
  readonly onUnwatched?: (folder: string) => void
}

/**
 * Looks at folders again and again until closed: once a watch saw a change and nothing after it,
 * soon when something was not at rest, else after the polling interval. Events without end put a
 * look off no longer than that.
 */
export class FolderFollower<Found> {
  readonly #options: FollowOptions<Found>
  readonly #watch: FolderWatch
  #timer: NodeJS.Timeout | undefined
  /** When the next look is due at the latest, in milliseconds of `performance.now()`. */
  #due = 0
  #isLooking = false
  /** Whether there was an event during the look that is going on. */
  #isLate = false
  #isClosed = false

  /** `first` is what a look said that was taken already. */
  constructor(first: NextLook, options: FollowOptions<Found>) {
    this.#options = options
    const { onUnwatched } = options
    this.#watch = watchFolders({ onEvent: () => this.#lookSoon(), onUnwatched })
    this.#plan(first)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#watch.close()
  }

  #lookSoon(): void {
    if (this.#isLooking) this.#isLate = true
    else this.#lookIn(Math.min(this.#options.settleMs, this.#due - performance.now()))
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#timer = setTimeout(() => void this.#look(), ms).unref()
  }

  /** Looks never overlap: of two at a time, the slower one could tell of an older state last. */
  async #look(): Promise<void> {
    this.#isLooking = true
    this.#isLate = false
    const found = await this.#options.look()
    this.#isLooking = false
    if (!this.#isClosed) this.#plan(this.#options.onLook(found))
  }

  #plan({ folders, unsettled }: NextLook): void {
    const { pollMs, settleMs } = this.#options
    this.#watch.follow(folders)
    const ms = unsettled || this.#isLate ? settleMs : pollMs
    this.#due = performance.now() + ms
    this.#lookIn(ms)
  }
}
