import type { StatementDialect } from './dialect.js'

// What a database server takes for one word. Each function reads forward only.

export interface WordRules {
  /** Which quotes there are, and what stands in them. */
  readonly quotes: ReadonlyMap<string, 'name' | 'string'>
  /** Letters in front of a quote that belong to it. */
  readonly prefix: RegExp
  /** A word without quotes. */
  readonly word: RegExp
  readonly folds: boolean
  readonly dollarQuotes: boolean
  readonly nestedComments: boolean
  /** MySQL: `#` comments, `--` only with a blank behind it, and comments whose text is run. */
  readonly mysqlComments: boolean
  /** Whether a backslash keeps the next character from closing every string. */
  readonly backslashes: boolean
}

export const wordRules: Readonly<Record<StatementDialect, WordRules>> = {
  postgres: {
    quotes: new Map([
      ["'", 'string'],
      ['"', 'name'],
    ]),
    prefix: /(?:[EBXN](?=')|U&(?=['"]))/iy,
    word: /[A-Za-z_\x80-\uffff][A-Za-z0-9_$\x80-\uffff]*/y,
    folds: true,
    dollarQuotes: true,
    nestedComments: true,
    mysqlComments: false,
    backslashes: false,
  },
  mysql: {
    quotes: new Map([
      ["'", 'string'],
      ['"', 'string'],
      ['`', 'name'],
    ]),
    prefix: /[BXN](?=')/iy,
    word: /[A-Za-z_$\x80-\uffff][A-Za-z0-9_$\x80-\uffff]*/y,
    folds: false,
    dollarQuotes: false,
    nestedComments: false,
    mysqlComments: true,
    backslashes: true,
  },
  sqlite: {
    quotes: new Map([
      ["'", 'string'],
      ['"', 'name'],
      ['`', 'name'],
      ['[', 'name'],
    ]),
    prefix: /X(?=')/iy,
    word: /[A-Za-z_\x80-\uffff][A-Za-z0-9_$\x80-\uffff]*/y,
    folds: false,
    dollarQuotes: false,
    nestedComments: false,
    mysqlComments: false,
    backslashes: false,
  },
}

interface Read {
  readonly text: string
  readonly end: number
}

/** Position behind a comment at `at`, or `at`. A comment that is never closed takes all the rest. */
export function skipComment(text: string, at: number, rules: WordRules): number {
  if (rules.mysqlComments) {
    const end = mysqlComment(text, at)
    if (end !== at) return end
  } else if (text.startsWith('--', at)) return lineEnd(text, at)
  if (!text.startsWith('/*', at)) return at
  if (rules.nestedComments) return nestedCommentEnd(text, at)
  const close = text.indexOf('*/', at + 2)
  return close === -1 ? text.length : close + 2
}

/** What only MySQL skips; of a comment whose text is run, the marks alone. */
function mysqlComment(text: string, at: number): number {
  if (text[at] === '#') return lineEnd(text, at)
  if (text.startsWith('--', at) && /^[\x00-\x20]?$/.test(text.slice(at + 2, at + 3)))
    return lineEnd(text, at)
  runComment.lastIndex = at
  return runComment.test(text) ? runComment.lastIndex : at
}

const runComment = /(?:\/\*M?![0-9]*|\*\/)/y

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}

function nestedCommentEnd(text: string, at: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = at
  let depth = 0
  for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
    depth += match[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return text.length
}

const dollarTag = /\$(?:[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*)?\$/y

/** A dollar-quoted string at `at`, or null. */
export function dollarQuote(text: string, at: number): Read | null {
  dollarTag.lastIndex = at
  if (!dollarTag.test(text)) return null
  const inside = dollarTag.lastIndex
  const tag = text.slice(at, inside)
  const close = text.indexOf(tag, inside)
  const end = close === -1 ? text.length : close
  return { text: text.slice(inside, end), end: Math.min(end + tag.length, text.length) }
}

interface QuoteContext {
  readonly prefix: string
  readonly rules: WordRules
  readonly kind: 'name' | 'string'
}

/** The text in the quotes at `at`. A doubled quote stands for itself. */
export function quotedText(text: string, at: number, context: QuoteContext): Read {
  const open = text[at]!
  const close = open === '[' ? ']' : open
  const escapes = context.kind === 'string' && (context.rules.backslashes || context.prefix === 'e')
  const end = closingQuote(text, at + 1, { close, escapes, doubles: open !== '[' })
  const inside = text.slice(at + 1, end)
  const plain = inside.includes(close) ? inside.replaceAll(close + close, close) : inside
  return {
    text: context.prefix === 'u&' ? unicodeText(plain) : plain,
    end: Math.min(end + 1, text.length),
  }
}

interface Closing {
  readonly close: string
  readonly escapes: boolean
  readonly doubles: boolean
}

function closingQuote(text: string, from: number, { close, escapes, doubles }: Closing): number {
  for (let at = from; at < text.length; at++) {
    if (escapes && text[at] === '\\') at++
    else if (text[at] === close) {
      if (!doubles || text[at + 1] !== close) return at
      at++
    }
  }
  return text.length
}

/** The escapes of `U&'…'`: `\0061` and `\+000061` are both an `a`, and `\\` is a backslash. */
function unicodeText(text: string): string {
  return text.replace(/\\(?:([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|\\)/g, (_, short, long) => {
    const digits = String(short ?? long ?? '')
    if (digits === '') return '\\'
    const code = Number.parseInt(digits, 16)
    return code > 0x10ffff ? '\uFFFD' : String.fromCodePoint(code)
  })
}
