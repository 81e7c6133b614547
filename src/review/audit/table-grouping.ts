import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type { DatabaseIdentity, Target } from '../../policy/facts/facts.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import type { ConcealedUrl } from '../url/concealed-url.js'
import { groupBy } from '../verdict/group-by.js'
import { tableKey } from '../facts/target-index.js'

/** An AtlasMigration, and the revisions table that the operator uses for it. */
export interface TableUser {
  readonly migration: AtlasMigration
  readonly target: Target
  readonly url: ConcealedUrl
  /** What the database says of itself; null where it was not asked, or could not tell. */
  readonly identity: DatabaseIdentity | null
}

/** AtlasMigrations whose operator uses one revisions table; at least one, in the order given. */
export type TableGroup = readonly [TableUser, ...TableUser[]]

/** Whether two AtlasMigrations with different URLs were proven to use one database. */
export type IsProven = (a: TableUser, b: TableUser) => boolean

/** Groups AtlasMigrations by revisions table. The groups are in the order of their first user. */
export function groupByTable(
  users: readonly TableUser[],
  isProven: IsProven,
): readonly TableGroup[] {
  const byName = groupBy(users, ({ target }) => tableKey(target))
  return [...byName.values()].flatMap(same => groupNamesakes(same, isProven))
}

/**
 * Splits users whose tables have one name (database and schema) by server, because two servers can
 * each have such a table.
 */
function groupNamesakes(users: readonly TableUser[], isProven: IsProven): readonly TableGroup[] {
  let groups: readonly TableGroup[] = []
  for (const user of users) {
    const [first, ...others] = groups.filter(group =>
      group.some(other => isOneLogin(user, other) || isProven(user, other)),
    )
    const joined: TableGroup = first ? [...first, ...others.flat(), user] : [user]
    groups = first
      ? groups.flatMap(group =>
          group === first ? [joined] : others.includes(group) ? [] : [group],
        )
      : [...groups, joined]
  }
  return groups
}

function isOneLogin({ target: a }: TableUser, { target: b }: TableUser): boolean {
  return a.fingerprint === b.fingerprint
}

/** `host:port` of the server, as the URL spells it. */
export function serverOf({ target }: Pick<TableUser, 'target'>): string {
  return `${target.host}:${target.port}`
}

/**
 * The users whose tables have one name, by several URLs. Their databases have to be asked whether
 * they are one, also at one address: a login that does not work there makes nobody a user.
 */
export function namesakes(users: readonly TableUser[]): readonly TableUser[] {
  const byName = groupBy(users, ({ target }) => tableKey(target))
  return [...byName.values()]
    .filter(found => new Set(found.map(({ target }) => target.fingerprint)).size > 1)
    .flat()
}

/** Tells a person where the revisions table is, without user and password. */
export function describeTable([first]: TableGroup): string {
  const { migration, target } = first
  const schema = `schema ${target.revisionsSchema}`
  // Rows that were given in a file have an invented address, which can never exist (RFC 2606).
  if (target.host.endsWith('.invalid'))
    return `rows given for ${migrationName(migration)}, ${schema}`
  return `${target.host}:${target.port}/${target.database}, ${schema}`
}
