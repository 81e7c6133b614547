import { fileDirectives } from '../../atlas/directory/directive.js'

// What keeps Atlas v1.2.3 from seeing a directive in the comments at the top of a file, such as
// `-- atlas:txmode none`.

interface Obstacle {
  readonly reason: string
  readonly remove: (content: string) => string
}

/** The obstacles, in the order in which Atlas reads. The last one is what comes after the comments. */
function obstaclesFor(name: string): readonly Obstacle[] {
  const line = new RegExp(`^((?:--|#) *atlas:${name})\\b.*atlas:.*$`, 'gm')
  return [
    { reason: 'byte order mark before it', remove: text => text.replace(/^\uFEFF/, '') },
    { reason: 'blanks before it', remove: text => text.replace(/^[ \t\r\n\f\v]+/, '') },
    { reason: 'CRLF line breaks', remove: text => text.replaceAll('\r\n', '\n') },
    {
      reason: 'another directive is on its line',
      remove: text => text.replaceAll(line, '$1'),
    },
    { reason: 'no blank line after it', remove: detachHead },
  ]
}

/**
 * Why Atlas does not see the directive that stands in the comments at the top of a file; null when
 * it does, or when none is there. Prose about a directive is no attempt at one.
 */
export function hiddenDirective(content: string, name: string): string | null {
  if (!content.includes(`atlas:${name}`) || isSeen(content, name)) return null
  const obstacles = obstaclesFor(name)
  const head = removeAll(obstacles.slice(0, -1), content)
  const alone = new RegExp(`^(--|#) *atlas:${name}\\b`)
  const comments = head.slice(0, headEnd(head)).split('\n')
  return comments.some(line => alone.test(line)) ? reasonOf(content, name, obstacles) : null
}

/** Names the one obstacle that is enough, or those that only count together. */
function reasonOf(content: string, name: string, obstacles: readonly Obstacle[]): string {
  const single = obstacles.find(({ remove }) => isSeen(remove(content), name))
  if (single !== undefined) return single.reason
  return obstacles
    .filter(({ remove }, index) => {
      const before = removeAll(obstacles.slice(0, index), content)
      return !isSeen(before, name) && remove(before) !== before
    })
    .map(({ reason }) => reason)
    .join(', ')
}

function isSeen(content: string, name: string): boolean {
  return fileDirectives(content, name).length > 0
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
