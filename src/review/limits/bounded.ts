/**
 * Maps in parallel, at most `limit` values at a time, and keeps the order. Rejects with the first
 * rejection.
 */
export async function mapBounded<T, R>(
  values: readonly T[],
  limit: number,
  map: (value: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  const remaining = values.entries()
  const work = async () => {
    for (const [index, value] of remaining) results[index] = await map(value)
  }
  await Promise.all(Array.from({ length: Math.min(limit, values.length) }, work))
  return results
}
