import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import type { DatabaseChoice } from '../input/database-choice.js'
import { type ObjectName, parseObjectName, type ReadSource } from './sources.js'
import { UsageError } from '../line/usage-error.js'

/**
 * An AtlasMigration whose database matters, or a database that the command line names without one.
 */
export interface DatabaseUser {
  /** `namespace/name`, or the command line's name of the database. */
  readonly name: string
  readonly migration: AtlasMigration
  /** The AtlasMigration, with the database that is asked in place of its own. */
  readonly asked: AtlasMigration
  /** Whether the AtlasMigration exists; false for a database that only the command line names. */
  readonly exists: boolean
}

/** The AtlasMigrations that use one of the sources, without those that are being deleted. */
export function findUsers(
  migrations: readonly AtlasMigration[],
  sources: readonly ReadSource[],
): readonly DatabaseUser[] {
  return migrations
    .filter(
      migration =>
        !migration.metadata.deletionTimestamp &&
        sources.some(source => usesSource(migration, source)),
    )
    .map(migration => ({
      name: migrationName(migration),
      migration,
      asked: migration,
      exists: true,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

export function usesSource(
  { metadata, spec }: AtlasMigration,
  { configMap, migration }: ReadSource,
): boolean {
  return migration === null
    ? configMap !== null &&
        configMap.name === spec.dir?.configMapRef?.name &&
        (configMap.namespace ?? metadata.namespace) === metadata.namespace
    : migration.namespace === metadata.namespace && migration.name === metadata.name
}

/**
 * The databases that the options name and that belong to no AtlasMigration.
 * @throws UsageError for several without a name, because they could not be told apart.
 */
export function namedDatabases(
  { urls, rows }: DatabaseChoice,
  users: readonly DatabaseUser[],
  revisionsSchema: string | undefined,
): readonly DatabaseUser[] {
  const known = new Set(
    users.flatMap(({ migration }) => [migration.metadata.name, migrationName(migration)]),
  )
  const given = [
    ...rows.map(({ name, file }) => ({ name, place: file })),
    ...urls.map(({ name, kind, place }) => ({ name, place: `${kind}:${place}` })),
  ].filter(({ name }) => (name === null ? users.length === 0 : !known.has(name)))
  if (given.filter(({ name }) => name === null).length > 1)
    throw new UsageError(
      '--url, --rows: of several databases each needs a name: --url NAME=env:VAR',
    )
  const spec = revisionsSchema === undefined ? {} : { revisionsSchema }
  // If rows and a URL have one name, the rows count.
  const distinct = given.filter((one, i) => given.findIndex(({ name }) => name === one.name) === i)
  return distinct.map(({ name, place }) => {
    const migration = { metadata: name === null ? {} : parseGivenName(name), spec }
    return { name: name ?? place, migration, asked: migration, exists: false }
  })
}

function parseGivenName(name: string): Partial<ObjectName> {
  return name.includes('/') ? parseObjectName(name, '') : { name }
}
