import type { EngineError } from '../../atlas/directory/engine-error.js'
import { sumFileName } from '../../atlas/directory/directory.js'
import { validateDirectory } from '../../atlas/directory/validate.js'
import { proveCulprit } from '../history/checksum-culprit.js'
import type { Proof } from '../history/checksum-culprit.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { listNames } from '../../atlas/text/name-list.js'
import { foldDirectory, isLeftOutUndo } from '../formats/way-out.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'

export const checksumMismatch: Rule = {
  id: 'checksum-mismatch',
  title: 'atlas.sum does not match the migration files.',
  why: 'Atlas stops with "checksum mismatch" before it connects to the database, and the operator does not pass on which file it is.',
  severity: 'deny',
  evidence: 'content',
  order: 2010,
  since: '0.1.0',
  evaluate,
}

type Text = Pick<Finding, 'found' | 'expected' | 'remedy' | 'subjects' | 'details' | 'at'>

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null) return null
  const error = validateDirectory(used.directory)
  if (error === null || error.type === 'ErrChecksumNotFound') return null
  const text = error.checksum
    ? difference(error.checksum, proveCulprit(used.directory, error))
    : unusableSum(error)
  return { ...text, field: directoryField(used), ...wayOutOfFormat(facts, error) }
}

/**
 * The way out where another tool's files are the cause: hashing again would let an undo run. A change
 * that happened on the way is undone first, whatever the file is.
 */
function wayOutOfFormat(facts: Facts, error: EngineError): Partial<Finding> | null {
  const used = usedDirectory(facts)!
  if (proveCulprit(used.directory, error) !== null) return null
  const { file, reason } = error.checksum ?? {}
  if (reason === 'removed' && file !== undefined && isLeftOutUndo(facts, file))
    return { remedy: 'run `atlas migrate hash`: an undo file is rightly left out' }
  return foldDirectory(facts)
}

/** The texts for an atlas.sum that is damaged itself, so that it cannot tell which file differs. */
function unusableSum({ type, message }: EngineError): Text {
  // Where Atlas crashes, its message is Go's own and helps nobody.
  const sentence = type === 'panic' ? 'atlas.sum lists a file twice' : message
  return {
    found: `atlas.sum does not add up, whatever the files are: ${sentence}`,
    expected: 'an atlas.sum as `atlas migrate hash` writes it',
    remedy: 'resolve the merge or hand edit with `atlas migrate hash`',
    subjects: [sumFileName],
    at: { file: sumFileName, line: 1 },
  }
}

type Difference = NonNullable<EngineError['checksum']>

function difference({ line, file, reason }: Difference, proof: Proof | null): Text {
  const found = `checksum mismatch: L${line}: ${file} was ${reason}`
  const subjects = [`${file} ${reason}`]
  // A removed file has no line of its own, so the place is its line in atlas.sum.
  const at = reason === 'removed' ? { file: sumFileName, line } : { file, line: 1 }
  if (proof !== null)
    return { found: `${found}: ${proof.cause}`, subjects, at, ...proofText(proof) }
  return {
    found,
    at,
    expected: expectations[reason],
    remedy: remedies[reason],
    subjects,
    // Hashes are cumulative, so differences behind the first one cannot be seen.
    details:
      reason === 'edited'
        ? ['not explained by line breaks, final newlines, a byte order mark or "$${"']
        : [],
  }
}

function proofText(proof: Proof): Pick<Text, 'expected' | 'remedy' | 'details'> {
  return {
    expected: 'the bytes that atlas.sum was computed over',
    remedy: proof.remedy,
    details: [
      proof.complete
        ? `proven: with that undone in ${listNames(proof.files)}, atlas.sum matches`
        : `proven for ${listNames(proof.files)}; a later file differs, too`,
    ],
  }
}

const expectations: Readonly<Record<Difference['reason'], string>> = {
  added: 'no file that atlas.sum does not list',
  edited: 'the bytes that atlas.sum was computed over',
  removed: 'every file that atlas.sum lists',
}

const remedies: Readonly<Record<Difference['reason'], string>> = {
  added: 'if the file is meant, run `atlas migrate hash` and ship both',
  edited: 'restore the file; if it never ran anywhere, run `atlas migrate hash`',
  removed: 'put the file back; if it never ran anywhere, run `atlas migrate hash`',
}
