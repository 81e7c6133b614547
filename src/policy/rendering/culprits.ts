import { exemptFromFlux, undoneSubstitutions } from './substitution.js'

/**
 * A change that happens to files between their author's disk and the object. Undoing it tells it
 * from an edit.
 */
export interface Culprit {
  /** What happened to the file, as the end of a sentence that begins with its name. */
  readonly cause: string
  /** In what the file is another now, as the end of a sentence. */
  readonly part: string
  readonly remedy: string
  /** Restores the text that was hashed. If it changes nothing, the file was not affected. */
  readonly undo: (content: string) => string
}

const substituted = 'every `$$` became `$` (Flux postBuild)'

/** The blanks before the first line, taken from all lines if all have them. */
function withoutIndent(content: string): string {
  const [indent = ''] = /^ +/.exec(content) ?? []
  if (indent === '') return content
  const lines = content.split('\n')
  if (!lines.every(line => line === '' || line.startsWith(indent))) return content
  return lines.map(line => line.slice(indent.length)).join('\n')
}

export const culprits: readonly Culprit[] = [
  {
    cause: 'its line breaks became CRLF',
    part: 'line breaks only (CRLF now)',
    remedy: 'restore LF line breaks, do not hash again',
    undo: content => content.replaceAll('\r\n', '\n'),
  },
  {
    cause: 'its CRLF line breaks became LF',
    part: 'line breaks only (CRLF when it ran, LF now)',
    remedy: 'use LF at its source and run `atlas migrate hash`',
    undo: content => content.replaceAll(/\r?\n/g, '\r\n'),
  },
  {
    cause: 'its final newline is lost',
    part: 'the final newline only (lost)',
    remedy: 'use YAML `|` instead of `|-`',
    undo: content => (content.endsWith('\n') ? content : `${content}\n`),
  },
  {
    cause: 'a blank line at its end is lost',
    part: 'a blank line at the end only (lost)',
    remedy: 'use YAML `|+`, or drop the line and run `atlas migrate hash`',
    undo: content => (content.endsWith('\n') ? `${content}\n` : `${content}\n\n`),
  },
  {
    cause: 'its final newline was not hashed',
    part: 'the final newline only (new)',
    remedy: 'use YAML `|-` instead of `|`',
    undo: content => content.replace(/\n$/, ''),
  },
  {
    cause: 'its byte order mark is lost',
    part: 'the byte order mark only (lost)',
    remedy: 'remove it at its source and run `atlas migrate hash`',
    undo: content => `\uFEFF${content}`,
  },
  {
    cause: 'a byte order mark was put before it',
    part: 'a byte order mark only (new)',
    remedy: 'remove the mark, do not hash again',
    undo: content => content.replace(/^\uFEFF/, ''),
  },
  {
    cause: 'a blank line was put before it',
    part: 'a blank line in front only (new)',
    remedy: 'trim what the template adds (nindent in place of indent), do not hash again',
    undo: content => content.replace(/^\r?\n/, ''),
  },
  {
    cause: 'its lines were indented',
    part: 'indents only',
    remedy: 'correct the indent of the template, do not hash again',
    undo: withoutIndent,
  },
  {
    cause: '`$${` became `${` (Flux postBuild)',
    part: '`$${` only (now `${`)',
    remedy: exemptFromFlux,
    undo: content => content.replaceAll('${', () => '$${'),
  },
  ...undoneSubstitutions.map(undo => ({
    cause: substituted,
    part: '`$$` only (now `$`)',
    remedy: exemptFromFlux,
    undo,
  })),
]
