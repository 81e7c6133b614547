import { fileDirectives } from '../../atlas/directory/directive.js'
import { delimiterDirective } from '../../atlas/statement/delimiter.js'
import { toByteText } from '../../atlas/text/byte-text.js'
import { nearestName } from '../text/nearest-name.js'
import { hiddenDirective } from './hidden-directive.js'

/** A directive that does not do what its writer wanted. */
export interface DirectiveTrouble {
  /** Its name behind `atlas:`, as it is written. */
  readonly name: string
  /** Why it does nothing, in words that follow its name. */
  readonly reason: string
  /** How it has to look. */
  readonly expected: string
  /** 1-based. */
  readonly line: number
}

/** A comment that is nothing but a directive, or what was meant as one. */
interface Attempt {
  readonly name: string
  readonly argument: string
  /** Whether it is written as Atlas reads it: `atlas:name` behind `--` or `#` and blanks. */
  readonly plain: boolean
  readonly line: number
}

/** The names that Atlas and its commercial edition know. */
const known: readonly string[] = [
  'assert',
  'checkpoint',
  'delimiter',
  'import',
  'nolint',
  'pos',
  'sum',
  'txmode',
  'txtar',
]

/** The first directive of a file that does nothing; null when there is none. */
export function directiveTrouble(content: string): DirectiveTrouble | null {
  // The sections of a txtar file have directives of their own, which only another edition reads.
  if (!/atlas:/i.test(content) || fileDirectives(content, 'txtar').length > 0) return null
  for (const attempt of attemptsIn(content)) {
    const trouble = troubleOf(attempt, content)
    if (trouble !== null) return trouble
  }
  return null
}

const comment =
  /^[ \t\uFEFF]*(--|#|\/\*+)([ \t]*)(atlas:[ \t]*)([A-Za-z0-9_]+)(?:[ \t]+([^\r\n]*))?/gim

function* attemptsIn(content: string): Generator<Attempt> {
  let line = 1
  let passed = 0
  for (const match of content.matchAll(comment)) {
    for (; passed < match.index; passed++) if (content[passed] === '\n') line++
    const [, mark = '', blanks = '', prefix = '', name = '', argument = ''] = match
    const plain = !mark.startsWith('/') && !blanks.includes('\t') && prefix === 'atlas:'
    yield {
      name,
      argument: argument.replace('*/', '').trim(),
      plain: plain && !isMiscased(name),
      line,
    }
  }
}

function isMiscased(name: string): boolean {
  return name !== name.toLowerCase() && known.includes(name.toLowerCase())
}

function troubleOf(attempt: Attempt, content: string): DirectiveTrouble | null {
  const name = attempt.name.toLowerCase()
  if (!known.includes(name)) return attempt.plain ? unknownName(attempt) : null
  switch (name) {
    case 'txmode':
      return txmodeTrouble(attempt, content)
    case 'delimiter':
      return delimiterTrouble(attempt, content)
    case 'checkpoint':
      // What is hidden at the top is what checkpoint-ineffective says.
      return hiddenDirective(content, name) === null ? belowHead(attempt, content) : null
    case 'nolint':
      return nolintTrouble(attempt, content)
    case 'import':
      return headTrouble(attempt, hiddenDirective(content, name))
    default:
      return null
  }
}

function unknownName({ name, line }: Attempt): DirectiveTrouble {
  const nearest = nearestName(name, known)
  const shown = name.slice(0, 32)
  return {
    name: shown,
    reason: `Atlas knows no such name${nearest === null ? '' : `, perhaps atlas:${nearest}`}`,
    expected: nearest === null ? 'a name that Atlas knows' : `\`-- atlas:${nearest}\``,
    line,
  }
}

/** Without the directive the mode is `file`, so nothing is lost of a `file` that is not seen. */
function txmodeTrouble(attempt: Attempt, content: string): DirectiveTrouble | null {
  if (attempt.argument === 'file') return null
  return headTrouble(attempt, hiddenDirective(content, 'txmode')) ?? belowHead(attempt, content)
}

function headTrouble({ name, argument, line }: Attempt, reason: string | null) {
  const written = `\`-- atlas:${name}${argument === 'none' ? ' none' : ''}\``
  const expected = `${written} on the first line, LF, then a blank line`
  return reason === null ? null : { name, reason, expected, line }
}

/** Whether it stands where Atlas reads none, or is written in another way. */
function belowHead(attempt: Attempt, content: string): DirectiveTrouble | null {
  const name = attempt.name.toLowerCase()
  const isValue = name !== 'txmode' || ['none', 'file', 'all'].includes(attempt.argument)
  if (fileDirectives(content, name).length > 0 || !(attempt.plain || isValue)) return null
  return headTrouble(
    { ...attempt, name },
    attempt.plain ? 'only the comments on the first lines count' : 'it is written in another way',
  )
}

/** The delimiter is read from the very first line, and needs no blank line. */
function delimiterTrouble(attempt: Attempt, content: string): DirectiveTrouble | null {
  const bytes = toByteText(content)
  const set = delimiterDirective(bytes, 0)
  const { name, line } = attempt
  const expected = '`-- atlas:delimiter` as the very first line'
  if (set === null)
    return attempt.argument === ''
      ? null
      : { name, reason: 'only the very first line counts', expected, line }
  if (set.kind === 'failure' || !set.delimiter.endsWith('\r')) return null
  return bytes.includes(set.delimiter, set.end)
    ? null
    : { name, reason: 'CRLF line breaks', expected: `${expected}, and LF line breaks`, line }
}

/** In front of a statement it counts for that statement, so a blank line is no must. */
function nolintTrouble(attempt: Attempt, content: string): DirectiveTrouble | null {
  const reason = hiddenDirective(content, 'nolint')
  return reason?.includes('no blank line') === true ? null : headTrouble(attempt, reason)
}
