import { createHash, type Hash } from 'node:crypto'
import type { Budget } from './budget.js'
import { digestAfter } from './chain.js'
import type { Steps } from './steps.js'
import { feed, type Text } from './text.js'

/**
 * What a search starts from: the files that must be in the directory, those that may be, and the
 * row's hash.
 */
export interface SearchGround {
  readonly forced: readonly Text[]
  readonly optional: readonly Text[]
  readonly text: Text
  readonly hash: string
  readonly budget: Budget
}

interface Step {
  readonly text: Text
  readonly optional: boolean
  /** Number of optional files from this step on. */
  readonly choices: number
}

interface Walk {
  readonly ground: SearchGround
  readonly steps: readonly Step[]
  /** Whether optional files are in the set unless flipped, or out unless flipped. */
  readonly include: boolean
}

function stepsOf({ forced, optional }: SearchGround): readonly Step[] {
  const steps: Step[] = []
  let choices = 0
  let i = forced.length
  let j = optional.length
  while (i > 0 || j > 0) {
    const must = forced[i - 1]
    const may = optional[j - 1]
    if (may === undefined || (must !== undefined && must.rank > may.rank)) {
      steps.push({ text: must as Text, optional: false, choices })
      i--
    } else {
      steps.push({ text: may, optional: true, choices: ++choices })
      j--
    }
  }
  return steps.reverse()
}

function matches(state: Hash, { text, hash }: SearchGround): boolean {
  feed(state, text)
  return state.digest('base64') === hash
}

/**
 * Walks the steps from `at` with exactly `flips` choices left to flip, and returns the optional
 * files that are in the set found, or null.
 */
function* walk(
  job: Walk,
  at: number,
  from: { state: Hash; flips: number },
): Steps<readonly Text[] | null> {
  const { ground, steps, include } = job
  const taken: Text[] = []
  for (let i = at; i < steps.length; i++) {
    const { text, optional, choices } = steps[i] as Step
    if (optional && choices < from.flips) return null
    if (!ground.budget.take(text.cost)) return null
    if (ground.budget.pauses()) yield
    if (optional && from.flips > 0) {
      const state = from.state.copy()
      if (!include) feed(state, text)
      const rest = yield* walk(job, i + 1, { state, flips: from.flips - 1 })
      if (rest !== null) return include ? [...taken, ...rest] : [...taken, text, ...rest]
    }
    if (optional && !include) continue
    feed(from.state, text)
    if (optional) taken.push(text)
  }
  if (from.flips > 0 || !ground.budget.take(ground.text.cost)) return null
  return matches(from.state, ground) ? taken : null
}

/**
 * Looks for the set of optional files that has the row's hash together with the forced files: all
 * of them but `flips`, or only `flips` of them. A hit is a proof, because hashes do not collide.
 */
export function* searchSubset(ground: SearchGround, flips: number): Steps<readonly Text[] | null> {
  const steps = stepsOf(ground)
  for (const include of [true, false]) {
    const start = { state: createHash('sha256'), flips }
    const found = yield* walk({ ground, steps, include }, 0, start)
    if (found !== null) return found
    // With nothing to choose from, the two walks are the same.
    if (ground.optional.length === 0) return null
  }
  return null
}

/**
 * Looks for a run of neighbouring optional files that has the row's hash without any other file.
 */
export function* searchRange({
  optional,
  text,
  hash,
  budget,
}: SearchGround): Steps<readonly Text[] | null> {
  for (let start = 0; start < optional.length; start++) {
    const state = createHash('sha256')
    for (let end = start; end < optional.length; end++) {
      const next = optional[end] as Text
      if (!budget.take(next.cost + text.cost)) return null
      if (budget.pauses()) yield
      feed(state, next)
      if (digestAfter(state, text) === hash) return optional.slice(start, end + 1)
    }
  }
  return null
}
