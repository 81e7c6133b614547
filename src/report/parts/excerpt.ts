import { sanitizeText, shorten } from '../../policy/text/sanitize-text.js'

/**
 * Words in a key by which its line counts as secret. Such a line is not repeated, because reports
 * end up in the logs of pipelines.
 */
const secretKey = /pass|secret|token|credential|private|dsn/i

/**
 * Characters that take two columns of a terminal: East Asian wide characters and pictographs (a
 * short form of Unicode UAX 11).
 */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

/**
 * Characters that are looked at of a very long line: more than any width, and less than what
 * sanitizeText cuts.
 */
const longest = 2000

export interface ExcerptPlace {
  /** In UTF-16 code units from 1, as in the place of a problem. */
  readonly column: number
  /** Columns that the excerpt may take. */
  readonly width: number
}

/**
 * The part of a line around a column, with a caret below it. No caret where a secret had to be
 * masked, and nothing where the whole line may be one.
 */
export function excerpt(text: string, { column, width }: ExcerptPlace): readonly string[] {
  if (text.trim() === '' || secretKey.test(text)) return []
  const at = Math.min(column - 1, text.length)
  const from = Math.max(0, at - longest / 2)
  const line = oneForOne(text.slice(from, from + longest))
  const safe = sanitizeText(line)
  if (safe !== line.replace(/ +/g, ' ').trim()) return [shorten(safe, width)]
  const start = Math.max(0, at - from - Math.floor(width / 2))
  const shown = line.slice(start, start + width)
  return [shown, `${blanksBelow(shown.slice(0, at - from - start))}^`]
}

/** Replaces characters one by one, so that the caret stays below its column. */
function oneForOne(text: string): string {
  return text
    .replace(/\s/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, character => '?'.repeat(character.length))
}

function blanksBelow(text: string): string {
  return Array.from(text, character => (wide.test(character) ? '  ' : ' ')).join('')
}
