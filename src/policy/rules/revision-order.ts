import { compareBytewise } from '../../atlas/text/go-string.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { listNames } from '../../atlas/text/name-list.js'

export const revisionOrder: Rule = {
  id: 'revision-order',
  title: 'The database orders the versions otherwise than Atlas.',
  why: 'Atlas reads the rows in the order of the database and takes it for bytewise. With a linguistic collation and versions with letters it finds the wrong last row: files that ran are pending again, and the apply crashes.',
  severity: 'deny',
  evidence: 'database',
  order: 4050,
  since: '0.1.0',
  evaluate,
}

function evaluate({ table }: Facts): Finding | null {
  if (table.kind !== 'read') return null
  const versions = (table.revisions ?? []).map(row => row.version)
  const misplaced = versions.filter(
    (version, i) => i > 0 && compareBytewise(versions[i - 1]!, version) > 0,
  )
  if (misplaced.length === 0) return null
  return {
    found: `the database orders version ${listNames(misplaced)} after greater ones`,
    expected: 'versions that every collation orders alike, such as digits only',
    remedy: 'use a database with collation C, or versions of digits only',
    field: 'spec.dir',
    subjects: misplaced,
    details: ['Atlas assumes the order of bytes, in which capitals come before small letters'],
  }
}
