import type { EventEmitter } from 'node:events'

export interface StopSignal {
  /** Resolves at the first signal. */
  readonly received: Promise<void>
  readonly isReceived: () => boolean
  close(): void
}

export interface StopSignalOptions {
  readonly signals: readonly NodeJS.Signals[]
  /** Ends the process at once. */
  readonly end: (code: number) => void
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number
}

/** The exit code of a process that a second signal ends while it still drains (128 + SIGINT). */
export const interruptedExitCode = 130

/**
 * Two signals within this time count as one. npm passes a Ctrl-C on that the terminal has sent to
 * all its processes already. A person who asks a second time takes longer.
 */
const repeatedMs = 500

/**
 * The first signal asks for an orderly end, and a later one ends the process at once. The emitter
 * (process) is an argument, so that a test need not send itself signals.
 */
export function watchStopSignal(
  emitter: Pick<EventEmitter, 'on' | 'off'>,
  { signals, end, now }: StopSignalOptions,
): StopSignal {
  let receivedAt: number | null = null
  let resolve!: () => void
  const received = new Promise<void>(done => (resolve = done))
  const listener = () => {
    receivedAt ??= now()
    if (now() - receivedAt > repeatedMs) end(interruptedExitCode)
    resolve()
  }
  for (const signal of signals) emitter.on(signal, listener)
  return {
    received,
    isReceived: () => receivedAt !== null,
    close() {
      for (const signal of signals) emitter.off(signal, listener)
    },
  }
}

/** Watches the signals to this process. */
export function watchProcess(signals: readonly NodeJS.Signals[]): StopSignal {
  const end = (code: number) => process.exit(code)
  return watchStopSignal(process, { signals, end, now: () => performance.now() })
}
