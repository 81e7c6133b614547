import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { listNames } from '../../atlas/text/name-list.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'

export const mergeConflictMarker: Rule = {
  id: 'merge-conflict-marker',
  title: 'A migration file or atlas.sum holds the markers of an unresolved merge conflict.',
  why: 'The SQL fails, or worse, both sides of the conflict run.',
  severity: 'deny',
  evidence: 'content',
  order: 2030,
  since: '0.1.0',
  evaluate,
}

/**
 * The three markers in git's order, each at the start of a line. All three are needed, because one
 * alone may be text in a comment or string.
 */
const markers = [/^<{7}( |\r?$)/, /^={7}\r?$/, /^>{7}( |\r?$)/]

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const { files, sumText } = used.directory
  const texts = [
    ...files.map(file => ({ name: file.name, text: file.content })),
    { name: 'atlas.sum', text: sumText ?? '' },
  ]
  const places = texts.flatMap(({ name, text }) => {
    const line = conflictLine(text)
    return line === null ? [] : [{ name, line }]
  })
  const [first] = places
  if (first === undefined) return null
  return {
    found: `merge conflict markers in ${listNames(places.map(at => `${at.name} (line ${at.line})`))}`,
    expected: 'a resolved merge',
    remedy: 'resolve the conflict, then run `atlas migrate hash`',
    field: directoryField(used),
    subjects: places.map(at => at.name),
    at: { file: first.name, line: first.line },
  }
}

/** Line (1-based) of the opening marker of the first whole conflict, or null. */
function conflictLine(text: string): number | null {
  // Most texts have no marker, and looking for the rarest one first saves the walk over their
  // lines.
  if (!text.includes('<<<<<<<')) return null
  let start = 0
  let seen = 0
  for (const [index, line] of text.split('\n').entries()) {
    if (markers[0]?.test(line)) [start, seen] = [index + 1, 1]
    else if (seen > 0 && markers[seen]?.test(line)) seen++
    if (seen === markers.length) return start
  }
  return null
}
