import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * All of the standard input as text. Whoever is asked to stop does not wait for its end: the text is empty then, and
 * the stream closed, so that it keeps no process alive.
 */
export async function readStandardInput(
  stream: Readable,
  emitter: Pick<EventEmitter, 'once' | 'off'>,
): Promise<string> {
  let stop!: () => void
  const stopped = new Promise<string>(resolve => {
    stop = () => {
      resolve('')
      stream.destroy()
    }
  })
  for (const signal of stopSignals) emitter.once(signal, stop)
  try {
    return await Promise.race([text(stream), stopped])
  } finally {
    for (const signal of stopSignals) emitter.off(signal, stop)
  }
}
