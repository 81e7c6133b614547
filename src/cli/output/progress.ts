import type { EventEmitter } from 'node:events'
import { harmlessText } from '../../policy/text/harmless-text.js'

/** Tells a person that long work goes on. */
export interface Progress {
  /** Starts a new stage. On a terminal it replaces the last one; elsewhere each has a line. */
  step(text: string): void
  /** How far the stage is. Shown only on a terminal, because it would fill a log. */
  count(done: number, total: number): void
  /** Removes the line. */
  end(): void
}

/** The parts of process.stderr that are used. */
export interface ProgressStream extends Pick<EventEmitter, 'on'> {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Carriage return, and ECMA-48 "erase in line". */
const clearLine = '\r\u001B[2K'

export function openProgress(stream: ProgressStream): Progress {
  return stream.isTTY ? openLine(stream) : openLines(stream)
}

function openLine(stream: ProgressStream): Progress {
  let stage = ''
  const show = (text: string) => {
    // A line that wraps could not be erased.
    stream.write(clearLine + harmless(text).slice(0, (stream.columns || 80) - 1))
  }
  return {
    step(text) {
      stage = text
      show(`${text} ...`)
    },
    count: (done, total) => show(`${stage} ${done} of ${total} ...`),
    end: () => void stream.write(clearLine),
  }
}

function openLines(stream: ProgressStream): Progress {
  return { step: text => void stream.write(`${harmless(text)} ...\n`), count() {}, end() {} }
}

/** Removes what could steer the terminal, since names of hosts and objects stand in the text. */
function harmless(text: string): string {
  return harmlessText(text, { colors: false })
}
