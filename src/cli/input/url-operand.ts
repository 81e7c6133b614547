import type { UrlPlace } from './database-choice.js'
import { UsageError } from '../line/usage-error.js'

const placePattern = /^(env|file):(.+)$/s

/** An operand that names where a URL stands; null for any other text. */
export function parseUrlOperand(text: string): UrlPlace | null {
  const [, kind, place] = placePattern.exec(text) ?? []
  if (kind === undefined || place === undefined || isUrl(place)) return null
  return { kind: kind as UrlPlace['kind'], place }
}

/** `file:///…` is one, too. */
function isUrl(text: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(text)
}

/**
 * Refuses a URL where a place of one belongs. Not repeated: every user of the machine sees what stands in a
 * command line, and it may hold a password.
 */
export function refuseUrl(text: string, name: string): void {
  if (!isUrl(text) && !isUrl(text.replace(/^(?:env|file):/, ''))) return
  throw new UsageError(
    `${name}: found a URL, whose password would show in the process list; put it into a variable or a file and name that: env:VARIABLE or file:PATH`,
  )
}
