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

/** Of a busy machine's measurements the shortest says what the code takes; more only where they look bad. */
const leastRuns = 2
const mostRuns = 20

/** Asserts that twice the input takes about twice the time, at a size where time can be told. */
export function growsLinearly(t: Test, name: string, work: GrowingWork): void {
  const units = measurableUnits(work)
  let once = Infinity
  let twice = Infinity
  // What takes next to nothing at its largest is quick enough, whatever its curve.
  const isLinear = () => twice < leastMs || twice < mostForTwice * once
  for (let run = 0; run < leastRuns || (run < mostRuns && !isLinear()); run++) {
    once = Math.min(once, ms(work, units))
    twice = Math.min(twice, ms(work, 2 * units))
  }
  const took = `${units}: ${once.toFixed(1)} ms, twice that: ${twice.toFixed(1)} ms`
  if (process.env['SHOW_WORK']) t.comment(`${name}: ${took}`)
  t.ok(isLinear(), `${name} (${took})`)
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
