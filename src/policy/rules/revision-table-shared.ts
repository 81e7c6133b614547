import type { Directory } from '../../atlas/directory/directory.js'
import type { Facts, SharingMigration } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { rowHash } from '../../atlas/engine/revision.js'
import { emptyBaselineText } from '../history/first-run-advice.js'
import { holdsTexts, namesakeDirectories } from '../history/namesake-directories.js'
import { knownFiles, liveHistory, versionsOf } from '../history/live-history.js'
import { countOf, listNames } from '../../atlas/text/name-list.js'

export const revisionTableShared: Rule = {
  id: 'revision-table-shared',
  title: 'Another AtlasMigration uses the same revisions table with other versions.',
  why: 'The operator counts files and rows. With the rows of two directories in one table it takes each directory for a downgrade, or runs a file never and says Ready.',
  severity: 'deny',
  evidence: 'database',
  order: 4000,
  since: '0.1.0',
  evaluate,
}

type Relation = 'namesake' | 'other' | 'unknown' | 'merged' | 'superset' | 'same'

function evaluate(facts: Facts): Finding | null {
  const files = knownFiles(facts)
  if (!files) return null
  if (facts.sharing.length === 0) return unproven(facts)
  const relate = relationTest(versionsOf(files))
  const namesakes = namesakeDirectories(facts)
  const related = facts.sharing.map(other => {
    const { directory } = other
    if (directory === null || !namesakes.has(directory)) return { other, relation: relate(other) }
    const isMerged = holdsTexts(directory.files, files)
    return { other, relation: isMerged ? ('merged' as const) : ('namesake' as const) }
  })
  const worst = relations.find(relation => related.some(entry => entry.relation === relation))!
  const named = related.filter(entry => entry.relation === worst).map(({ other }) => other)
  // Before 0.2.0 the rows were needed, and only versions were compared.
  const isOld = facts.table.kind === 'read' && named.some(other => relate(other) === 'other')
  return { ...describe(worst, named, facts), ...(!isOld && { since: '0.2.0' }) }
}

/**
 * The finding for databases that only say that they are this one. A copy says the same as its
 * original, and any server can claim it.
 */
function unproven({ alike: { names, elsewhere }, table }: Facts): Finding | null {
  const strangers =
    elsewhere === 0 ? [] : [`${countOf(elsewhere, 'AtlasMigration')} of other namespaces`]
  const others = [listNames(names), ...strangers].filter(text => text !== '')
  if (others.length === 0) return null
  const [sign, remedy] = table.kind === 'read' ? ofDatabase : ofUrl
  return {
    found: `${others.join(' and ')} may use this revisions table too: ${sign}`,
    expected: 'one directory for each revisions table',
    remedy,
    field: 'spec.dir',
    subjects: [...names, ...strangers],
    severity: 'warn',
  }
}

const ofDatabase = [
  'the database says that it is the same, which could not be proven',
  'make sure that it is another database, such as a copy of this one',
] as const

const ofUrl = [
  'the URL is the same, and the database was not asked',
  'give both the same files, or this one a database of its own',
] as const

/** The worst first. */
const relations: readonly Relation[] = [
  'namesake',
  'other',
  'unknown',
  'merged',
  'superset',
  'same',
]

/**
 * Makes a function that tells how the files under review relate to those of another directory.
 * Hundreds of AtlasMigrations may use one directory, which is compared once.
 */
function relationTest(own: ReadonlySet<string>): (other: SharingMigration) => Relation {
  const known = new Map<Directory, Relation>()
  return ({ directory }) => {
    if (!directory) return 'unknown'
    const relation = known.get(directory) ?? relate(own, directory)
    known.set(directory, relation)
    return relation
  }
}

function relate(own: ReadonlySet<string>, directory: Directory): Relation {
  const versions = versionsOf(directory.files)
  if ([...versions].some(version => !own.has(version))) return 'other'
  return versions.size < own.size ? 'superset' : 'same'
}

function describe(relation: Relation, others: readonly SharingMigration[], facts: Facts): Finding {
  const keys = others.map(({ namespace, name }) => `${namespace}/${name}`)
  const names = listNames(keys)
  const { found, remedy, details } =
    relation === 'namesake' ? namesakeText(names, facts) : texts(names)[relation]
  return {
    found,
    expected: 'one directory for each revisions table',
    remedy,
    field: 'spec.dir',
    subjects: keys,
    details,
    ...(relation !== 'other' && relation !== 'namesake' && { severity: 'warn' as const }),
  }
}

/** Whether a row has the hash that its file has here, so that these files are the ones that ran. */
function hasRun(facts: Facts): boolean {
  const history = liveHistory(facts)
  if (!history) return false
  const hashes = new Map(history.directory.sum().lines.map(({ name, hash }) => [name, hash]))
  const present = new Map(history.files.map(file => [file.version, hashes.get(file.name)]))
  return history.rows.some(row => rowHash(row) !== '' && rowHash(row) === present.get(row.version))
}

/** Two services that both number from 1: to delete one of them would lose its tables. */
function namesakeText(others: string, facts: Facts): Text {
  return {
    found: `this revisions table is also used by ${others}, with other files under the same versions: what one ran never runs for the other`,
    remedy: `give ${hasRun(facts) ? others : 'this one'} a spec.revisionsSchema of its own, and a baseline that skips nothing`,
    details: [
      ...(hasRun(facts) ? ['The files of this one are what ran here'] : []),
      'Both are Ready all the same, because Atlas knows a file by its version only',
      hasRun(facts)
        ? 'The baseline, from its first reconcile on: an empty file before all others of its directory'
        : `The baseline, from its first reconcile on: ${emptyBaselineText(facts)}`,
      'Or merge both: atlas-admission consolidate --rename-pending',
      'Neither replaces the other: do not delete one of them, and restore no file',
    ],
  }
}

type Text = Pick<Finding, 'found' | 'remedy'> & { readonly details: readonly string[] }

/**
 * The texts for each relation. The way out by spec.revisionsSchema works only when the baseline is
 * set from the first reconcile on.
 */
function texts(others: string): Readonly<Record<Exclude<Relation, 'namesake'>, Text>> {
  return {
    other: {
      found: `this revisions table is also used by ${others}, with other files`,
      remedy: 'merge both: atlas-admission consolidate',
      details: [
        'Or give this AtlasMigration its own spec.revisionsSchema and, from its first reconcile on, a spec.baseline (a first, empty file)',
        'Do not allow migrate down: it would revert the rows of the other directory',
      ],
    },
    unknown: {
      found: `this revisions table is also used by ${others}, with files that cannot be read here`,
      remedy: 'make sure that both have the same files, or merge them',
      details: [],
    },
    merged: {
      found: `this revisions table is also used by ${others}, whose files include all of these under other versions`,
      remedy: 'delete this AtlasMigration, whose files run there (that leaves the database alone)',
      details: [],
    },
    superset: {
      found: `this revisions table is still used by ${others}, with a part of these files`,
      remedy: `delete ${others} (deleting an AtlasMigration leaves its database alone)`,
      details: [],
    },
    same: {
      found: `this revisions table is also used by ${others}, with the same files`,
      remedy: `delete one of them when it replaces the other`,
      details: [],
    },
  }
}
