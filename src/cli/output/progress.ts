import type { EventEmitter } from 'node:events'
import { harmlessText } from '../../policy/text/harmless-text.js'

/** Tells a person that long work goes on. */
export interface Progress {
  /** A new stage: one line each where nobody watches, else in place of the last. */
  step(text: string): void
  /** How far the stage is; shown on a terminal only, where it does not fill a log. */
  count(done: number, total: number): void
  /** Takes the line away again. */
  end(): void
}

/** The parts of process.stderr that count. */
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
    // A line that wraps could not be taken away again.
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

/** Names of hosts and objects stand in it. */
function harmless(text: string): string {
  return harmlessText(text, { colors: false })
}
