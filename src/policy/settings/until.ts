/** An RFC 3339 full date, or a date and time with its zone. */
const pattern =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2}))?$/

const dayMs = 24 * 60 * 60 * 1000

/**
 * The moment at which `until` is over, in milliseconds since the epoch; null when the text is
 * neither a date nor a time. A date counts until its day is over in UTC: "until the 31st" includes
 * the 31st.
 */
export function parseUntil(text: string): number | null {
  const date = pattern.exec(text)?.[1]
  if (date === undefined) return null
  const day = Date.parse(date)
  // JavaScript reads 2026-02-30 as the second of March.
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== date) return null
  if (text === date) return day + dayMs
  const moment = Date.parse(text.toUpperCase())
  return Number.isNaN(moment) ? null : moment
}
