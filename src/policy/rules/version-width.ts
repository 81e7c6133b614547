import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { foldIntoFormat } from '../formats/way-out.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'

export const versionWidth: Rule = {
  id: 'version-width',
  title: 'Numeric versions of different length sort in another order than their numbers.',
  why: 'Files are sorted by name, bytewise: 10_ comes before 9_. A file that sorts before one that ran is out of order, or never runs.',
  severity: 'warn',
  evidence: 'content',
  order: 2080,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const numeric = used.directory.files.filter(file => /^\d+$/.test(file.version))
  const pairs = numeric.slice(1).flatMap((file, index) => {
    const previous = numeric[index]
    return previous !== undefined && isGreater(previous.version, file.version)
      ? [{ earlier: previous, later: file }]
      : []
  })
  const [first] = pairs
  if (first === undefined) return null
  return {
    found: `${first.earlier.name} sorts before ${first.later.name}, although its number is greater`,
    expected: 'versions of one length, such as 14-digit timestamps',
    remedy: 'pad the versions of files that never ran, and run `atlas migrate hash`',
    field: directoryField(used),
    subjects: pairs.map(pair => pair.earlier.name),
    ...foldIntoFormat(
      facts,
      pairs.flatMap(({ earlier, later }) => [earlier.name, later.name]),
    ),
  }
}

/** Whether the left of two decimal numbers is greater. They may have any length. */
function isGreater(left: string, right: string): boolean {
  const [a, b] = [left, right].map(digits => digits.replace(/^0+/, '')) as [string, string]
  return a.length === b.length ? a > b : a.length > b.length
}
