import { setImmediate } from 'node:timers/promises'

/**
 * Maps in parallel, at most `limit` values at a time, and keeps the order. Rejects with the first
 * rejection. Before each value but the first it lets the event loop turn: work on values that are
 * there already never waits by itself, and hundreds of them in one go would keep every other
 * request from being read.
 */
export async function mapBounded<T, R>(
  values: readonly T[],
  limit: number,
  map: (value: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  const remaining = values.entries()
  let turn = Promise.resolve()
  const work = async () => {
    for (const [index, value] of remaining) {
      // The turns are taken one after the other. If several were asked for at a time, all would
      // come in the same turn.
      if (index > 0) await (turn = turn.then(() => setImmediate()))
      results[index] = await map(value)
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, values.length) }, work))
  return results
}
