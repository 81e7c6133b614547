import type { EventEmitter } from 'node:events'

export interface StopSignal {
  /** Resolves at the first SIGINT or SIGTERM. */
  readonly received: Promise<void>
  readonly isReceived: () => boolean
  close(): void
}

/** The exit code of a process that a second signal ends while it still drains (128 + SIGINT). */
export const interruptedExitCode = 130

/**
 * The first signal asks for an orderly end; a second one ends the process at once by `end`.
 * Takes the emitter (process) so that a test need not signal itself.
 */
export function watchStopSignal(
  emitter: Pick<EventEmitter, 'on' | 'off'>,
  end: (code: number) => void,
): StopSignal {
  let received = false
  let resolve = () => {}
  const promise = new Promise<void>(done => (resolve = done))
  const listener = () => {
    if (received) end(interruptedExitCode)
    received = true
    resolve()
  }
  emitter.on('SIGINT', listener)
  emitter.on('SIGTERM', listener)
  return {
    received: promise,
    isReceived: () => received,
    close() {
      emitter.off('SIGINT', listener)
      emitter.off('SIGTERM', listener)
    },
  }
}
