import type { Deadline } from '../ports/ports.js'

/** A promise that resolves to null when the deadline passes. */
export function passing({ signal }: Deadline): Promise<null> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(null)
    else signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}
