/** Longest line of a message. Texts are cut to it first, which keeps every pattern below cheap. */
const maxLength = 2048

/** Schemes whose addresses hold no password. Every other address is masked as a whole. */
const harmlessSchemes = new Set(['http', 'https', 'atlas', 'file'])

/**
 * The last line of defence for text that holds names from outside (files, versions, objects). The
 * result is one line of valid Unicode without control or formatting characters, because the API
 * server drops a warning with one without a trace; without anything that looks like a password; and
 * without the words by which clients recognise errors of another kind.
 */
export function sanitizeText(text: string): string {
  const line = text
    .slice(0, maxLength)
    .replace(/\p{Cs}/gu, '\uFFFD')
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '?')
    .trim()
  return withoutClientWords(maskSecrets(line))
}

/**
 * The text with everything masked that looks like a password: addresses that may hold one, and
 * `password=`.
 */
export function maskSecrets(line: string): string {
  return line
    .replace(/\b([a-z][a-z0-9+.-]{0,20}):\/\/\S*/gi, (address, scheme: string) =>
      harmlessSchemes.has(scheme.toLowerCase()) && !address.includes('@')
        ? address
        : `${scheme}://***`,
    )
    .replace(/\b(password|passwd|pwd|pass|sslpassword)=\S+/gi, '$1=***')
}

/**
 * Replaces words that clients act on. Argo CD cuts `map[...]` out of messages; Flux and `kubectl
 * apply --force` delete and recreate an object when they read `is immutable` or `immutable field`
 * (fluxcd/pkg ssa/errors, kubectl pkg/cmd/apply). The text must not become longer.
 */
function withoutClientWords(line: string): string {
  return line
    .replace(/map\[/gi, 'map(')
    .replace(/is immutable/gi, 'is fixed')
    .replace(/immutable field/gi, 'fixed field')
}

/** At most `limit` characters, cut between words where such a place is near, with an ellipsis. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text
  const room = Math.max(limit - ellipsis.length, 0)
  const blank = text.lastIndexOf(' ', room)
  const cut = text.slice(0, blank > room / 2 ? blank : room)
  // A cut must not leave half of a surrogate pair.
  return cut.replace(/\p{Cs}$/u, '').trimEnd() + ellipsis
}

/** ASCII, so that every terminal and log can show it. */
const ellipsis = '...'
