import { maySet, readableConfig } from '../facts/custom-config.js'
import { isRemote } from '../facts/directory-source.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const nameTooLong: Rule = {
  id: 'name-too-long',
  title: 'The name does not fit into the labels that the operator derives from it.',
  why: 'The operator labels its dir-state Secret with the name, after the migrations ran, and its dev database with the name and a suffix. A label value has at most 63 characters.',
  severity: 'deny',
  evidence: 'spec',
  order: 1070,
  since: '0.1.0',
  // The number is that of the longest label value. The limit of 50 for objects that need a dev
  // database depends on the URL, so it is left to the webhook.
  cel: {
    subjects:
      "size(o.metadata.name) > 63 && o.?spec.?dir.?remote.?name.orValue('') == '' ? ['metadata.name'] : []",
    // Names never change, so the object before the write had this name, too.
    possible: "['metadata.name']",
    found:
      "'the name has ' + string(size(object.metadata.name)) + ' characters; the dir-state Secret needs it as a label value'",
    fix: `shorten the name to at most 63 characters`,
  },
  evaluate,
}

/** Longest value of a label (Kubernetes). */
const longestLabel = 63

/**
 * Longest name with a dev database, which is labelled `<name>-atlas-dev-db` (operator 0.7,
 * `nameDevDB`).
 */
const longestWithDevDatabase = longestLabel - '-atlas-dev-db'.length

function evaluate(facts: Facts): Finding | null {
  const length = facts.migration.metadata.name?.length ?? 0
  const makesDatabase = makesDevDatabase(facts)
  const limit = makesDatabase ? longestWithDevDatabase : longestLabel
  // Without a dev database and without a directory to store, no label has the name.
  if (length <= limit || (!makesDatabase && isRemote(facts.migration.spec))) return null
  return {
    found: `the name has ${length} characters; ${purpose(length)} needs it as a label value`,
    expected: `at most ${limit} characters`,
    remedy:
      makesDatabase && length <= longestLabel
        ? 'shorten the name, or set spec.devURL'
        : 'shorten the name',
    field: 'metadata.name',
    subjects: ['metadata.name'],
  }
}

function purpose(length: number): string {
  return length > longestLabel ? 'the dir-state Secret' : "the operator's dev database"
}

/**
 * Whether the operator makes a dev database: when spec.devDB is given, or nothing else names a dev
 * database; never without a target URL in the spec, nor for SQLite, whose dev database is in
 * memory.
 */
function makesDevDatabase(facts: Facts): boolean {
  const { spec } = facts.migration
  if (!hasServerTarget(facts)) return false
  if (spec.devDB !== undefined) return true
  if (spec.devURL || spec.devURLFrom?.secretKeyRef) return false
  return !maySet(readableConfig(facts), ['dev'])
}

function hasServerTarget({ target }: Facts): boolean {
  if (target.kind === 'resolved') return target.target.dialect !== 'sqlite'
  return target.kind === 'unresolved' || target.kind === 'invalid'
}
