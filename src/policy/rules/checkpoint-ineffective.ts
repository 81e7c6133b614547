import { isCheckpoint } from '../../atlas/directory/directive.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { listNames } from '../../atlas/text/name-list.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'

export const checkpointIneffective: Rule = {
  id: 'checkpoint-ineffective',
  title: 'A file has a checkpoint directive that Atlas does not see.',
  why: 'The file then runs as an ordinary migration: on a database that has the schema already it fails, on a new one the files before it run as well.',
  severity: 'warn',
  evidence: 'content',
  order: 2070,
  since: '0.1.0',
  evaluate,
}

interface Obstacle {
  readonly reason: string
  readonly remove: (content: string) => string
}

/**
 * What keeps Atlas v1.2.3 from seeing the directives at the top of a file, in the order in which
 * Atlas reads.
 */
const obstacles: readonly Obstacle[] = [
  { reason: 'byte order mark before it', remove: text => text.replace(/^\uFEFF/, '') },
  { reason: 'blanks before it', remove: text => text.replace(/^[ \t\r\n\f\v]+/, '') },
  { reason: 'CRLF line breaks', remove: text => text.replaceAll('\r\n', '\n') },
  {
    reason: 'another directive is on its line',
    remove: text => text.replaceAll(/^((?:--|#) *atlas:checkpoint)\b.*atlas:.*$/gm, '$1'),
  },
  { reason: 'no blank line after it', remove: detachHead },
]

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const hidden = used.directory.files.filter(hasHiddenDirective)
  const [first] = hidden
  if (first === undefined) return null
  return {
    found: `${listNames(hidden.map(file => file.name))}: Atlas sees no checkpoint: ${obstaclesOf(first.content)}`,
    expected: '`-- atlas:checkpoint` on the first line, LF, then a blank line',
    remedy: 'correct the head and run `atlas migrate hash`',
    field: directoryField(used),
    subjects: hidden.map(file => file.name),
  }
}

/** Whether a comment is nothing but the directive. Prose about checkpoints is no attempt at one. */
function hasHiddenDirective({ checkpoint, content }: MigrationFile): boolean {
  if (checkpoint || !content.includes('atlas:checkpoint')) return false
  const head = removeAll(obstacles.slice(0, -1), content)
  const comments = head.slice(0, headEnd(head)).split('\n')
  return comments.some(line => /^(--|#) *atlas:checkpoint\b/.test(line))
}

/** Names the one obstacle that is enough, or those that only count together. */
function obstaclesOf(content: string): string {
  const single = obstacles.find(({ remove }) => isCheckpoint(remove(content)))
  if (single !== undefined) return single.reason
  return obstacles
    .filter(({ remove }, index) => {
      const before = removeAll(obstacles.slice(0, index), content)
      return !isCheckpoint(before) && remove(before) !== before
    })
    .map(({ reason }) => reason)
    .join(', ')
}

function removeAll(removed: readonly Obstacle[], content: string): string {
  return removed.reduce((text, { remove }) => remove(text), content)
}

/** Position behind the comments at the top of a file. */
function headEnd(content: string): number {
  return /^(?:(?:--|#)[^\n]*(?:\n|$))*/.exec(content)![0].length
}

/** Puts an empty line behind the comments at the top. */
function detachHead(content: string): string {
  const end = headEnd(content)
  const head = content.slice(0, end)
  return `${head}${head.endsWith('\n') ? '' : '\n'}\n${content.slice(end)}`
}
