import type { UrlPlace } from './database-choice.js'
import { UsageError } from '../line/usage-error.js'

const placePattern = /^(env|file):(.+)$/s

/** Reads an operand that names the place of a URL; null for any other text. */
export function parseUrlOperand(text: string): UrlPlace | null {
  const [, kind, place] = placePattern.exec(text) ?? []
  if (kind === undefined || place === undefined || isUrl(place)) return null
  return { kind: kind as UrlPlace['kind'], place }
}

/** Whether the text is a URL; `file:///…` is one, too. */
function isUrl(text: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(text)
}

/**
 * Refuses a URL where the place of one belongs. The message does not repeat it: a URL may hold a
 * password, and every user of the machine can read a command line.
 */
export function refuseUrl(text: string, name: string): void {
  if (!isUrl(text) && !isUrl(text.replace(/^(?:env|file):/, ''))) return
  throw new UsageError(
    `${name}: found a URL, whose password would show in the process list; put it into a variable or a file and name that: env:VARIABLE or file:PATH`,
  )
}
