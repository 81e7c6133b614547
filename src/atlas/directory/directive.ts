import { trimGoSpace } from '../text/go-string.js'

// Directives of Atlas v1.2.3 (`sql/migrate`, dir.go): comments such as `-- atlas:txmode none`.

export interface Directive {
  /** Printable ASCII before `atlas:`, such as `-- `. */
  readonly prefix: string
  readonly name: string
  /** The rest of the line, untrimmed at its end (a CR stays); empty when there is none. */
  readonly argument: string
}

// The prefix is greedy, so of two directives on one line the last one counts, as it does in Atlas.
const pattern = /^([ -~]*)atlas:([A-Za-z0-9_]+)(?: +([^\n]+))?/

/** The directive on the first line of a text, or null. */
export function parseDirective(text: string): Directive | null {
  const match = pattern.exec(text)
  if (match === null) return null
  const [, prefix = '', name = '', argument = ''] = match
  return { prefix, name, argument }
}

/**
 * The arguments of the file directives of that name, in order. Atlas reads them from the comment
 * block at the top of the file, and only when an empty line, or nothing at all, follows the block.
 */
export function fileDirectives(content: string, name: string): readonly string[] {
  return headComments(content)
    .map(parseDirective)
    .filter(directive => directive?.name === name)
    .map(directive => directive!.argument)
}

function headComments(content: string): readonly string[] {
  const comments: string[] = []
  let at = 0
  while (content.startsWith('#', at) || content.startsWith('--', at)) {
    const end = content.indexOf('\n', at)
    // Atlas takes a last comment without a line break for the rest of the file, so the whole block
    // does not count.
    if (end === -1) return []
    comments.push(trimGoSpace(content.slice(at, end)))
    at = end + 1
  }
  return isDetached(content, at) ? comments : []
}

/**
 * Whether the block ends here: the file does too, or an empty line follows. A line of only a CR is
 * not empty for Atlas.
 */
function isDetached(content: string, at: number): boolean {
  if (at === content.length) return true
  let next = at
  while (content[next] === ' ' || content[next] === '\t') next++
  return content[next] === '\n'
}

/** Whether Atlas takes the file for a checkpoint: it has the file directive `atlas:checkpoint`. */
export function isCheckpoint(content: string): boolean {
  return fileDirectives(content, 'checkpoint').length > 0
}

/**
 * Whether the very first line is `atlas:sum ignore`, whatever stands before the directive on it.
 */
export function isSumIgnored(content: string): boolean {
  const directive = parseDirective(content)
  return directive?.name === 'sum' && directive.argument === 'ignore'
}
