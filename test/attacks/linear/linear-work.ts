import type { Test } from 'tap'

/** Work that grows with what an attacker writes. */
export interface GrowingWork {
  /** Input of so many units (bytes, rows, files ...); what making it takes does not count. */
  readonly prepare: (units: number) => () => unknown
  /** The largest input that can reach the code: nothing larger is tried. */
  readonly most: number
  /** The smallest that tells a curve from a line; a 256th of `most` by default. */
  readonly least?: number
}

/** Twice the input may take twice the time; four times would be quadratic. Noise lies between. */
const mostForTwice = 3.2

/** Below this a timer, a garbage collection or another process decides. */
const leastMs = 2

/**
 * A tenth of what /livez may take. Work that takes less at the largest input does no harm, whatever
 * its curve: thousands of small objects wake the garbage collector only at the larger input.
 */
const harmlessMs = 25

/** Of a busy machine's measurements the shortest says what the code takes; more only where they look bad. */
const leastRuns = 2
const mostRuns = 20

type Asserting = Pick<Test, 'ok' | 'comment'>

/** The shortest times for an input, and for twice of it. */
class Times {
  once = Infinity
  twice = Infinity
  readonly #quickMs: number
  #runs = 0

  constructor({ most }: GrowingWork, units: number) {
    this.#quickMs = 2 * units >= most - 1 ? harmlessMs : leastMs
  }

  get isLinear(): boolean {
    return this.twice < this.#quickMs || this.twice < mostForTwice * this.once
  }

  get isEnough(): boolean {
    return this.#runs >= leastRuns && (this.#runs >= mostRuns || this.isLinear)
  }

  add(once: number, twice: number): void {
    this.#runs += 1
    this.once = Math.min(this.once, once)
    this.twice = Math.min(this.twice, twice)
  }

  assert(t: Asserting, name: string, units: number): void {
    const took = `${units}: ${this.once.toFixed(1)} ms, twice that: ${this.twice.toFixed(1)} ms`
    if (process.env['SHOW_WORK']) t.comment(`${name}: ${took}`)
    t.ok(this.isLinear, `${name} (${took})`)
  }
}

/** Asserts that twice the input takes about twice the time, at a size where time can be told. */
export function growsLinearly(t: Asserting, name: string, work: GrowingWork): void {
  const units = measurableUnits(work)
  const times = new Times(work, units)
  while (!times.isEnough) times.add(ms(work, units), ms(work, 2 * units))
  times.assert(t, name, units)
}

/** The same for work that ends with a promise, at half of `most` and at `most`. */
export async function growsLinearlyInSteps(
  t: Asserting,
  name: string,
  work: GrowingWork,
): Promise<void> {
  const units = Math.floor(work.most / 2)
  const times = new Times(work, units)
  while (!times.isEnough) times.add(await awaitedMs(work, units), await awaitedMs(work, 2 * units))
  times.assert(t, name, units)
}

async function awaitedMs({ prepare }: GrowingWork, units: number): Promise<number> {
  const work = prepare(units)
  const begun = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1000
}

function measurableUnits(work: GrowingWork): number {
  let units = work.least ?? Math.ceil(work.most / 256)
  // Twice: the first time the code is also compiled.
  const takes = () => Math.min(ms(work, units), ms(work, units))
  while (units < work.most / 2 && takes() < leastMs) units *= 2
  return Math.min(units, Math.floor(work.most / 2))
}

/** Time of the processor: what other processes take of it does not count. */
function ms({ prepare }: GrowingWork, units: number): number {
  const work = prepare(units)
  const begun = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1000
}
