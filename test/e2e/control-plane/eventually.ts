import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves to whether the check came true within the time. */
export async function eventually(
  check: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<boolean> {
  for (const end = Date.now() + timeoutMs; ; await sleep(100)) {
    if (await check()) return true
    if (Date.now() > end) return false
  }
}
