import type { EngineError } from '../../atlas/directory/engine-error.js'
import { fileNamed, sumFileName } from '../../atlas/directory/directory.js'
import { validateDirectory } from '../../atlas/directory/validate.js'
import { proveCulprit } from '../history/checksum-culprit.js'
import type { Proof } from '../history/checksum-culprit.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { listNames } from '../../atlas/text/name-list.js'
import { foldDirectory, isLeftOutUndo } from '../formats/way-out.js'
import { directoryField, usedDirectory, type ReadDirectory } from '../facts/used-directory.js'
import { proveRendering, type Rendering } from '../rendering/rendered-sum.js'
import { rawFromHelm, signsOfHelm } from '../rendering/helm.js'
import { exemptFromFlux, hasLoneDollar } from '../rendering/substitution.js'

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
  const rendering = proveRendering(used)
  if (rendering) return { ...renderedText(rendering), field: directoryField(used) }
  const text = error.checksum ? difference(error.checksum, used) : unusableSum(error)
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

/** The texts for what a template did. A second cause in the files stands behind it. */
function renderedText({ cause, remedy, before }: Rendering): Text {
  const error = validateDirectory(before)
  const proof = error && proveCulprit(before, error)
  const behind = proof
    ? `also: ${listNames(proof.files)}: ${proof.cause}: ${proof.remedy}`
    : `a file differs, too: L${error?.checksum?.line}: ${error?.checksum?.file} was ${error?.checksum?.reason}`
  return {
    found: `checksum mismatch: ${cause}`,
    expected: 'the text that `atlas migrate hash` wrote',
    remedy,
    subjects: [sumFileName],
    at: { file: sumFileName, line: 1 },
    details: [
      error === null
        ? 'proven: with that undone, atlas.sum matches'
        : 'proven: with that undone, atlas.sum adds up',
      ...(error === null ? [] : [behind]),
    ],
  }
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

function difference({ line, file, reason }: Difference, used: ReadDirectory): Text {
  const proof = proveCulprit(used.directory, validateDirectory(used.directory)!)
  const found = `checksum mismatch: L${line}: ${file} was ${reason}`
  const subjects = [`${file} ${reason}`]
  // A removed file has no line of its own, so the place is its line in atlas.sum.
  const at = reason === 'removed' ? { file: sumFileName, line } : { file, line: 1 }
  if (proof !== null)
    return { found: `${found}: ${proof.cause}`, subjects, at, ...proofText(proof, used) }
  return {
    found,
    at,
    expected: expectations[reason],
    remedy: remedies[reason],
    subjects,
    // Hashes are cumulative, so differences behind the first one cannot be seen.
    ...(reason === 'edited' && unexplained(file, used)),
  }
}

/**
 * What is said of a file that differs for no reason that can be proven. A variable that was replaced
 * is one of these, so where something replaces variables, git may be right.
 */
function unexplained(file: string, used: ReadDirectory): Pick<Text, 'details' | 'remedy'> {
  const isAlone = hasLoneDollar(fileNamed(used.directory, file)?.content ?? '')
  const details = [
    'not explained by line breaks, final newlines, a byte order mark, indents or `$$`',
  ]
  if (!used.isSubstituted && !isAlone) {
    if (!used.isFromHelm) return { remedy: remedies.edited, details }
    return { remedy: rawFromHelm, details: [...details, ...signsOfHelm] }
  }
  const sign = isAlone ? 'a `$` stands alone in it' : 'Flux applies this object'
  return {
    remedy: `compare it with git; where git is right, ${exemptFromFlux}`,
    details: [
      ...details,
      `${sign}: Flux postBuild or envsubst turns \`$$\` into \`$\` and an unset \`\${x}\` into nothing`,
      annotated(used),
    ],
  }
}

function proofText(
  proof: Proof,
  used: ReadDirectory,
): Pick<Text, 'expected' | 'remedy' | 'details'> {
  const isFlux = proof.remedy === exemptFromFlux
  return {
    expected: 'the bytes that atlas.sum was computed over',
    remedy: proof.remedy,
    details: [
      proof.complete
        ? `proven: with that undone in ${listNames(proof.files)}, atlas.sum matches`
        : `proven for ${listNames(proof.files)}; a later file differs, too`,
      ...(isFlux ? [annotated(used)] : []),
      ...(isFlux && !proof.complete ? [blanked] : []),
    ],
  }
}

const blanked =
  'Flux postBuild also turns an unset `${x}` into nothing, which cannot be undone here'

/** What the annotation belongs to; inline files stand in the AtlasMigration itself. */
function annotated({ source }: ReadDirectory): string {
  const holder = source === 'local' ? 'AtlasMigration' : 'ConfigMap'
  return `the annotation goes on the ${holder} (for envsubst in a pipeline: leave the files out there); do not hash again`
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
