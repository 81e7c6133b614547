/** The parts of a URL as Go's net/url sees them, unescaped. */
export interface GoUrl {
  /** In lower case. */
  readonly scheme: string
  readonly user: string
  readonly password: string
  /** The host without port and brackets. */
  readonly host: string
  /** Digits, or empty. */
  readonly port: string
  /** The path with its leading slash, or empty. */
  readonly path: string
  /** The pairs in their order, without malformed ones, which `url.URL.Query` drops too. */
  readonly parameters: readonly (readonly [string, string])[]
}

/**
 * A URL that Go refuses, or that is clearly not what its author meant. `problem` quotes nothing of
 * it.
 */
export interface UrlProblem {
  readonly problem: string
}

const escapeAdvice = 'percent-encode it'

/** Names of the characters that people forget to escape. Others are not named. */
const characterNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '#': "'#' (write %23)",
    '/': "'/' (write %2F)",
    '?': "'?' (write %3F)",
    '%': "'%' (write %25)",
    ' ': 'space (write %20)',
    '<': "'<' (write %3C)",
    '>': "'>' (write %3E)",
    '[': "'[' (write %5B)",
    ']': "']' (write %5D)",
    '^': "'^' (write %5E)",
    '{': "'{' (write %7B)",
    '}': "'}' (write %7D)",
    '|': "'|' (write %7C)",
    '\\': 'backslash (write %5C)',
    '"': 'double quote (write %22)',
    '`': 'backquote (write %60)',
  }),
)

function unescapedInUserinfo(character: string): UrlProblem {
  const name = characterNames.get(character) ?? `character outside ASCII: ${escapeAdvice}`
  return { problem: `the user name or password of the URL has an unescaped ${name}` }
}

/** Splits at the first separator; `after` is empty when there is none. */
function cut(text: string, separator: string): { before: string; after: string; found: boolean } {
  const at = text.indexOf(separator)
  if (at < 0) return { before: text, after: '', found: false }
  return { before: text.slice(0, at), after: text.slice(at + separator.length), found: true }
}

/**
 * Unescapes a text; null for an invalid escape. Bytes that are not UTF-8 become U+FFFD, since no
 * server would accept them either.
 */
function unescape(text: string): string | null {
  if (/%(?![0-9a-fA-F]{2})/.test(text)) return null
  const bytes = Buffer.from(text, 'utf8').toString('latin1')
  const unescaped = bytes.replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  )
  return Buffer.from(unescaped, 'latin1').toString('utf8')
}

function unescapeParameter(text: string): string | null {
  return unescape(text.replaceAll('+', ' '))
}

function parseParameters(query: string): readonly (readonly [string, string])[] {
  const parameters: (readonly [string, string])[] = []
  for (const pair of query.split('&')) {
    if (pair === '' || pair.includes(';')) continue
    const { before, after } = cut(pair, '=')
    const [key, value] = [unescapeParameter(before), unescapeParameter(after)]
    if (key !== null && value !== null) parameters.push([key, value])
  }
  return parameters
}

/**
 * Every character that Go refuses in userinfo (net/url `validUserinfo`, Go 1.26). `@` is allowed in
 * it: the last one ends it.
 */
const userinfoCharacter = /[^A-Za-z0-9\-._:~!$&'()*+,;=%@]/u

function parseUserinfo(userinfo: string): { user: string; password: string } | UrlProblem {
  const [character] = userinfoCharacter.exec(userinfo) ?? []
  if (character !== undefined) return unescapedInUserinfo(character)
  const { before, after } = cut(userinfo, ':')
  const [user, password] = [unescape(before), unescape(after)]
  if (user === null || password === null) return unescapedInUserinfo('%')
  return { user, password }
}

/** In a host, Go accepts `%` only for bytes outside ASCII and for `%25`. */
const hostEscape = /%(?!25|[89a-fA-F][0-9a-fA-F])/
const hostCharacter = /[ \\^`{|}[]/

function parseHost(text: string): { host: string; port: string } | UrlProblem {
  const bracketed = /^\[([0-9A-Fa-f:.]+(?:%25[^\]]+)?)\](:\d*)?$/.exec(text)
  if (bracketed !== null) {
    const [, address = '', port = ''] = bracketed
    return { host: address.replace('%25', '%'), port: port.slice(1) }
  }
  // A list of hosts has several colons, and only the last one is looked at.
  const [, host, port] = /^(.*?)(?::([^:]*))?$/s.exec(text) as unknown as [string, string, string?]
  if (port !== undefined && !/^\d*$/.test(port)) {
    return { problem: 'the port of the URL is not a number' }
  }
  const unescaped = hostEscape.test(host) || hostCharacter.test(host) ? null : unescape(host)
  if (unescaped === null) {
    return { problem: 'the host of the URL has a character that no host name can have' }
  }
  return { host: unescaped, port: port ?? '' }
}

/**
 * Finds an `@` behind the authority, where none can be meant. An unescaped `#`, `/` or `?` in a
 * password ends the authority for the parser, and often the URL still parses, with a wrong host.
 */
function misplacedAt(rest: string): UrlProblem | null {
  const { before: withoutFragment, after: fragment } = cut(rest, '#')
  if (fragment.includes('@')) return unescapedInUserinfo('#')
  const { before: hierarchy, after: query } = cut(withoutFragment, '?')
  const { before: authority, after: path } = cut(hierarchy, '/')
  if (authority.includes('@')) return null
  const badPort = 'problem' in parseHost(authority)
  if (path.includes('@') && (badPort || path.slice(path.indexOf('@')).includes('/'))) {
    return unescapedInUserinfo('/')
  }
  if (query.includes('@') && (badPort || cut(query, '=').before.includes('@'))) {
    return unescapedInUserinfo('?')
  }
  return null
}

function parseControl(text: string): UrlProblem | null {
  if (/[\r\n]$/.test(text)) {
    return { problem: 'the URL ends in a line break; store it without one (echo -n)' }
  }
  if (/[\x00-\x1f\x7f]/.test(text)) {
    return { problem: 'the URL has a control character, such as a tab or a line break' }
  }
  return null
}

/**
 * Reads a URL as `url.Parse` of Go 1.26 does, which Atlas and its operator use. WHATWG's URL
 * differs: it escapes or drops what Go refuses, and refuses what Go accepts.
 */
export function parseGoUrl(text: string): GoUrl | UrlProblem {
  const control = parseControl(text)
  if (control !== null) return control
  if (/^\s|^["']/.test(text)) return { problem: 'the URL starts with a space or a quotation mark' }
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(text) ?? []
  if (scheme === undefined || rest === undefined) {
    return { problem: 'the URL does not start with a scheme and ://, such as postgres://' }
  }
  return misplacedAt(rest) ?? parseHierarchy(scheme.toLowerCase(), rest)
}

function parseHierarchy(scheme: string, rest: string): GoUrl | UrlProblem {
  const { before: withoutFragment, after: fragment } = cut(rest, '#')
  const { before: hierarchy, after: query } = cut(withoutFragment, '?')
  const slash = hierarchy.indexOf('/')
  const authority = slash < 0 ? hierarchy : hierarchy.slice(0, slash)
  const path = slash < 0 ? '' : unescape(hierarchy.slice(slash))
  if (path === null || unescape(fragment) === null) {
    return { problem: "the URL has a '%' that is not followed by two hexadecimal digits" }
  }
  const at = authority.lastIndexOf('@')
  const login = parseUserinfo(authority.slice(0, Math.max(at, 0)))
  if ('problem' in login) return login
  const address = parseHost(authority.slice(at + 1))
  if ('problem' in address) return address
  return { scheme, ...login, ...address, path, parameters: parseParameters(query) }
}
