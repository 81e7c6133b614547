import { setMaxListeners } from 'node:events'
import { interruptedExitCode, type StopSignal, watchProcess } from './stop-signal.js'

/**
 * Runs work that a Ctrl-C stops in order: its signal fires, whatever it then throws is no complaint, and the exit
 * code says so.
 */
export async function interruptible(
  work: (signal: AbortSignal) => Promise<number>,
  stop: StopSignal = watchProcess(['SIGINT', 'SIGTERM', 'SIGHUP']),
): Promise<number> {
  const controller = new AbortController()
  // Whatever runs side by side listens, so that their number is no sign of a leak.
  setMaxListeners(0, controller.signal)
  void stop.received.then(() => controller.abort())
  try {
    const code = await work(controller.signal).catch((error: unknown) => {
      if (stop.isReceived()) return interruptedExitCode
      throw error
    })
    return stop.isReceived() ? interruptedExitCode : code
  } finally {
    stop.close()
  }
}
