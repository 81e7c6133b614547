import { setTimeout as sleep } from 'node:timers/promises'

/** Generous: the machine that runs the tests may be busy. What comes true is noticed within `longestPauseMs`. */
const patienceMs = 60_000
const longestPauseMs = 10

/**
 * Waits until something holds; rejects after a minute with a message that says what did not, so that a test that waits in
 * vain fails by itself and names its reason. `what` is put after "after a minute there was still not".
 */
export async function until(
  what: string,
  holds: () => boolean | undefined | Promise<boolean | undefined>,
): Promise<void> {
  const end = Date.now() + patienceMs
  for (let tries = 1; !(await holds()); tries++) {
    /* c8 ignore next - only in a test that fails */
    if (Date.now() > end) throw new Error(`after a minute there was still not: ${what}`)
    await sleep(Math.min(tries, longestPauseMs))
  }
}
