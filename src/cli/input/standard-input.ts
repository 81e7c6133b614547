import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * All of the standard input as text. When the command is stopped it does not wait for the end: the
 * text is then empty, and the stream is closed, so that it does not keep the process alive.
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
