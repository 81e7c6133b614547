import type { EventEmitter } from 'node:events'
import { harmlessText } from '../../policy/text/harmless-text.js'

/** Where a command writes for a person. */
export interface Output {
  /** Prints a text, and makes harmless what a stranger may have put into it. */
  readonly print: (text: string) => void
  /** Prints a text as it is, for a format that has its own escapes. */
  readonly printExact: (text: string) => void
  /** Columns to write for. */
  readonly width: number
  readonly colors: boolean
  /** Resolves when nobody reads any more: `| head` has ended, or the terminal was closed. */
  readonly closed: Promise<void>
  readonly isClosed: () => boolean
}

/** The parts of process.stdout that are used. The last two exist only on a terminal. */
export interface OutputStream extends Pick<EventEmitter, 'on'> {
  write(text: string): unknown
  readonly columns?: number
  hasColors?(): boolean
}

/** Columns of a file or a pipe: what most terminals and web pages show without a scroll bar. */
const defaultWidth = 100

/**
 * Writes lines. A reader that goes away (EPIPE) is no error; what is printed afterwards is lost.
 */
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
