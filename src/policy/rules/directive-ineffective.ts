import type { MigrationFile } from '../../atlas/directory/file.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { directoryField, usedDirectory, type ReadDirectory } from '../facts/used-directory.js'
import { directiveTrouble } from '../outcome/directive-trouble.js'

export const directiveIneffective: Rule = {
  id: 'directive-ineffective',
  title: 'A file has an atlas: directive that Atlas does not see, or does not know.',
  why: 'The file then runs as if the directive were not there: in a transaction, for example, that CREATE INDEX CONCURRENTLY refuses.',
  severity: 'warn',
  evidence: 'content',
  order: 2075,
  since: '0.2.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const troubles = filesToCorrect(used, facts).flatMap(({ name: file, content }) => {
    const trouble = directiveTrouble(content)
    return trouble === null ? [] : [{ file, ...trouble }]
  })
  const [first, ...others] = troubles
  if (first === undefined) return null
  const sentence = ({ file, line, name, reason }: typeof first) =>
    `${file}: Atlas does not see atlas:${name} (line ${line}): ${reason}`
  return {
    found: sentence(first),
    expected: first.expected,
    remedy: 'correct it and run `atlas migrate hash`',
    field: directoryField(used),
    subjects: troubles.map(({ file, name }) => `${file}: ${name}`),
    details: others.map(sentence),
    at: { file: first.file, line: first.line },
  }
}

/**
 * The files that can still be corrected: those that would run. Where that is not known, those that
 * this write adds or changes, because a file that ran must keep its text.
 */
function filesToCorrect({ directory }: ReadDirectory, facts: Facts): readonly MigrationFile[] {
  const { prediction, before } = facts
  if (prediction !== null) {
    const pending = new Set(prediction.first.pending)
    return directory.files.filter(({ name }) => pending.has(name))
  }
  const old = before?.directory.kind === 'read' ? before.directory.directory.files : []
  const texts = new Map(old.map(({ name, content }) => [name, content]))
  return directory.files.filter(({ name, content }) => texts.get(name) !== content)
}
