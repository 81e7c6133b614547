import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { countOf } from '../../atlas/text/name-list.js'
import { foldDirectory } from '../formats/way-out.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'
import { proveRendering } from '../rendering/rendered-sum.js'

export const checksumMissing: Rule = {
  id: 'checksum-missing',
  title: 'The directory has migration files and no atlas.sum.',
  why: 'Atlas stops with "checksum file not found" before it connects to the database.',
  severity: 'deny',
  evidence: 'content',
  order: 2000,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  if (used === null || used.directory.files.length === 0 || used.directory.sumText !== null) {
    return null
  }
  // An atlas.sum in binaryData exists but is never read, so hashing again would not help.
  const unread = used.binaryKeys.includes('atlas.sum')
  const rendering = proveRendering(used)
  if (rendering !== null) {
    return {
      found: `no atlas.sum ("checksum file not found"): ${rendering.cause}`,
      expected: 'a key named atlas.sum beside the files',
      remedy: rendering.remedy,
      field: directoryField(used),
      subjects: ['atlas.sum'],
    }
  }
  return {
    found: `${countOf(used.directory.files.length, 'migration file')} and no atlas.sum ("checksum file not found")`,
    expected: 'a key named atlas.sum beside the files',
    remedy: unread
      ? 'move atlas.sum from binaryData to data'
      : 'run `atlas migrate hash` and add atlas.sum',
    field: directoryField(used),
    subjects: ['atlas.sum'],
    // Hashing alone would let an undo run.
    ...foldDirectory(facts),
  }
}
