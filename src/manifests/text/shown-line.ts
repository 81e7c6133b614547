/** A line that a terminal shows whole. */
const maxLine = 160

/** A Secret is sent with its values, and an AtlasMigration may have its URL inline. */
const holdsSecret = /\bkind["']?\s*:\s*["']?Secret\b/
const mayHoldSecret = /:\/\/|pass|secret|token|credential/i

/** A line (1-based) of a manifest for a message; null when it is empty or may hold a secret. */
export function shownLine(text: string, line: number): string | null {
  const found = text.split('\n')[line - 1]?.trimEnd() ?? ''
  if (found.trim() === '' || holdsSecret.test(text) || mayHoldSecret.test(found)) return null
  // Columns stay where they are, for a mark below.
  return found.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ').slice(0, maxLine)
}
