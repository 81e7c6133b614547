/** Longest line that is shown. */
const maxLine = 160

/** A Secret has its values in the text, and an AtlasMigration may have its URL in it. */
const holdsSecret = /\bkind["']?\s*:\s*["']?Secret\b/
const mayHoldSecret = /:\/\/|pass|secret|token|credential/i

/** A line (1-based) of a manifest for a message; null when it is empty or may hold a secret. */
export function shownLine(text: string, line: number): string | null {
  const found = text.split('\n')[line - 1]?.trimEnd() ?? ''
  if (found.trim() === '' || holdsSecret.test(text) || mayHoldSecret.test(found)) return null
  // The columns must stay as they are, for a mark below the line.
  return found.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, ' ').slice(0, maxLine)
}
