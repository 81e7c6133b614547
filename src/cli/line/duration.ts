import { UsageError } from './usage-error.js'

const unitMs: ReadonlyMap<string, number> = new Map(Object.entries({ ms: 1, s: 1000, m: 60_000 }))

/**
 * A length of time such as `10s`, `500ms` or `2m`, in milliseconds.
 * @throws UsageError
 */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text)
  if (!match)
    throw new UsageError(
      `--${option}: "${text}" is no duration; expected something like 10s or 500ms`,
    )
  return Number(match[1]) * (unitMs.get(match[2] as string) as number)
}
