import type { EventEmitter } from 'node:events'
import { harmlessText } from '../../policy/text/harmless-text.js'

/** Where a command writes for a person. */
export interface Output {
  /** Neutralises what a stranger may have put into the text. */
  readonly print: (text: string) => void
  /** For a format that escapes by rules of its own. */
  readonly printExact: (text: string) => void
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
  const colors = stream.hasColors?.() ?? false
  const printExact = (text: string) => {
    if (!isClosed) stream.write(`${text}\n`)
  }
  return {
    print: text => printExact(harmlessText(text, { colors })),
    printExact,
    width: stream.columns || defaultWidth,
    colors,
    closed,
    isClosed: () => isClosed,
  }
}
