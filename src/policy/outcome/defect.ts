import type { PlacedStatement } from '../../atlas/statement/statement.js'

/** Why a statement cannot run, whatever the database holds. */
export interface StatementDefect {
  /** What stands there, without the line. */
  readonly reason: string
  /** The way out, without the file's name. */
  readonly remedy: string
  /** Where it stands in the text of the statement. */
  readonly at: number
}

/** The line of a file on which a place of a statement lies. */
export function lineOf({ text, line }: PlacedStatement, at: number): number {
  let lines = line
  for (let place = text.indexOf('\n'); place !== -1 && place < at;) {
    lines++
    place = text.indexOf('\n', place + 1)
  }
  return lines
}
