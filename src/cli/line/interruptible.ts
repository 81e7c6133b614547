import { setMaxListeners } from 'node:events'
import { interruptedExitCode, type StopSignal, watchProcess } from './stop-signal.js'

/** Watches for signals that ask a command to stop. */
function watchStop(): StopSignal {
  return watchProcess(['SIGINT', 'SIGTERM', 'SIGHUP'])
}

/** Runs work with a signal that fires at Ctrl-C. The work itself decides how it then ends. */
export async function stoppable<T>(
  work: (signal: AbortSignal) => Promise<T>,
  stop: StopSignal = watchStop(),
): Promise<T> {
  const controller = new AbortController()
  // All work that runs at the same time listens to the signal, so many listeners are no sign of a
  // leak.
  setMaxListeners(0, controller.signal)
  void stop.received.then(() => controller.abort())
  try {
    return await work(controller.signal)
  } finally {
    stop.close()
  }
}

/**
 * Runs work that Ctrl-C stops in order. Its signal fires, an error that it then throws is not
 * reported, and the exit code tells that it was interrupted.
 */
export async function interruptible(
  work: (signal: AbortSignal) => Promise<number>,
  stop: StopSignal = watchStop(),
): Promise<number> {
  return stoppable(async signal => {
    const code = await work(signal).catch((error: unknown) => {
      if (stop.isReceived()) return interruptedExitCode
      throw error
    })
    return stop.isReceived() ? interruptedExitCode : code
  }, stop)
}
