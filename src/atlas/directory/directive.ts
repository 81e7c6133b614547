import { trimGoSpace } from '../text/go-string.js'

// Directives of Atlas v1.2.3 (`sql/migrate`, dir.go): comments such as `-- atlas:txmode none`.

export interface Directive {
  /** Printable ASCII before `atlas:`, such as `-- `. */
  readonly prefix: string
  readonly name: string
  /** The rest of the line, untrimmed at its end (a CR stays); empty when there is none. */
  readonly argument: string
}

// The prefix is greedy: of two directives on one line the last one counts.
const pattern = /^([ -~]*)atlas:([A-Za-z0-9_]+)(?: +([^\n]+))?/

/** The directive on the first line of a text, or null. */
export function parseDirective(text: string): Directive | null {
  const match = pattern.exec(text)
  if (match === null) return null
  const [, prefix = '', name = '', argument = ''] = match
  return { prefix, name, argument }
}

/**
 * Arguments of the file directives of that name, in order: those in the comment block at the top of
 * the file, which counts only when a line break (or nothing at all) follows it.
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
    // Atlas leaves a last comment without line break in the remainder, which undoes the whole block.
    if (end === -1) return []
    comments.push(trimGoSpace(content.slice(at, end)))
    at = end + 1
  }
  return isDetached(content, at) ? comments : []
}

/** The file ends here, or a blank line follows. A CR is not blank for Atlas. */
function isDetached(content: string, at: number): boolean {
  if (at === content.length) return true
  let next = at
  while (content[next] === ' ' || content[next] === '\t') next++
  return content[next] === '\n'
}

/** `atlas:checkpoint`, where Atlas sees it. */
export function isCheckpoint(content: string): boolean {
  return fileDirectives(content, 'checkpoint').length > 0
}

/** `atlas:sum ignore` on the very first line, whatever stands before it. */
export function isSumIgnored(content: string): boolean {
  const directive = parseDirective(content)
  return directive?.name === 'sum' && directive.argument === 'ignore'
}
