import type { EventEmitter } from 'node:events'

/** Where a command writes for a person. */
export interface Output {
  readonly print: (text: string) => void
  /** Columns to write for. */
  readonly width: number
  readonly colors: boolean
  /** Resolves when nobody reads on: the end of `| head`, a terminal that was closed. */
  readonly closed: Promise<void>
  readonly isClosed: () => boolean
}

/** The parts of process.stdout that count; the last two are there for a terminal only. */
export interface OutputStream extends Pick<EventEmitter, 'on'> {
  write(text: string): unknown
  readonly columns?: number
  hasColors?(): boolean
}

/** For a file or a pipe: what most terminals and web pages show without a scroll bar. */
const defaultWidth = 100

/** Writes lines. A reader that goes away (EPIPE) is no error: what is printed after that is lost. */
export function openOutput(stream: OutputStream): Output {
  let isClosed = false
  const closed = new Promise<void>(resolve => {
    stream.on('error', () => {
      isClosed = true
      resolve()
    })
  })
  return {
    print(text) {
      if (!isClosed) stream.write(`${text}\n`)
    },
    width: stream.columns || defaultWidth,
    colors: stream.hasColors?.() ?? false,
    closed,
    isClosed: () => isClosed,
  }
}
