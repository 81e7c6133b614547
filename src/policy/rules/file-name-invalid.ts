import { isRemote } from '../facts/directory-source.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { listNames } from '../../atlas/text/name-list.js'

export const fileNameInvalid: Rule = {
  id: 'file-name-invalid',
  title: 'A .sql key of spec.dir.local has a slash, a NUL or more than 255 bytes.',
  why: 'The operator writes each key as a file of one folder: such a name fails, or lands where Atlas does not look.',
  severity: 'deny',
  evidence: 'spec',
  order: 1090,
  since: '0.1.0',
  // The number is NAME_MAX of Linux: 255 bytes.
  cel: {
    subjects: `
      o.?spec.?dir.?remote.?name.orValue('') != '' ? [] :
      o.?spec.?dir.?local.orValue({}).filter(k, k.endsWith('.sql') &&
      (k.contains('/') || k.contains('\\u0000') || size(bytes(k)) > 255))`,
    found: "'a .sql key of spec.dir.local has a slash, a NUL or more than 255 bytes'",
    fix: 'rename the files and run `atlas migrate hash`',
  },
  evaluate,
}

/** The longest file name of Linux in bytes (NAME_MAX). */
const longestName = 255

/** Characters of a long name that are shown: enough to find it. */
const shownCharacters = 40

function evaluate({ migration: { spec } }: Facts): Finding | null {
  const invalid = Object.keys(spec.dir?.local ?? {}).filter(isInvalid)
  if (invalid.length === 0 || isRemote(spec)) return null
  return {
    found: `spec.dir.local has unusable file names: ${listNames(invalid.map(abbreviate))}`,
    expected: `plain names without "/" and NUL, at most ${longestName} bytes`,
    remedy: 'rename the files and run `atlas migrate hash`',
    field: 'spec.dir.local',
    subjects: invalid,
  }
}

function isInvalid(name: string): boolean {
  return name.endsWith('.sql') && (/[/\0]/.test(name) || Buffer.byteLength(name) > longestName)
}

/** Shortens a name. Quotes make a NUL or a line break show as an escape. */
function abbreviate(name: string): string {
  const characters = Array.from(name)
  const cut = characters.length > shownCharacters
  return JSON.stringify(cut ? `${characters.slice(0, shownCharacters).join('')}…` : name)
}
