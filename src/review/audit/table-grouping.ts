import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type { DatabaseIdentity, Target } from '../../policy/facts/facts.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import type { ConcealedUrl } from '../facts/concealed-url.js'
import { groupBy } from '../verdict/group-by.js'
import { tableKey } from '../facts/target-index.js'

/** An AtlasMigration, and where the operator keeps its revisions. */
export interface TableUser {
  readonly migration: AtlasMigration
  readonly target: Target
  readonly url: ConcealedUrl
  /** Of the database; null where it was not asked for, or could not be told. */
  readonly identity: DatabaseIdentity | null
}

/** AtlasMigrations whose operator reads and writes one revisions table; at least one, in the order they came. */
export type TableGroup = readonly [TableUser, ...TableUser[]]

/** Whether two users on servers with different addresses were proven to be in one database. */
export type IsProven = (a: TableUser, b: TableUser) => boolean

/** One group for each revisions table, in the order of the first user. */
export function groupByTable(
  users: readonly TableUser[],
  isProven: IsProven,
): readonly TableGroup[] {
  const byName = groupBy(users, ({ target }) => tableKey(target))
  return [...byName.values()].flatMap(same => groupNamesakes(same, isProven))
}

/** Tables of one name may still be on different servers. */
function groupNamesakes(users: readonly TableUser[], isProven: IsProven): readonly TableGroup[] {
  let groups: readonly TableGroup[] = []
  for (const user of users) {
    const [first, ...others] = groups.filter(group =>
      group.some(other => serverOf(user) === serverOf(other) || isProven(user, other)),
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

/** `host:port`, as the URL spells it. */
export function serverOf({ target }: Pick<TableUser, 'target'>): string {
  return `${target.host}:${target.port}`
}

/** Those whose tables have one name but may be on different servers: their databases have to be asked. */
export function namesakes(users: readonly TableUser[]): readonly TableUser[] {
  const byName = groupBy(users, ({ target }) => tableKey(target))
  return [...byName.values()].filter(found => new Set(found.map(serverOf)).size > 1).flat()
}

/** For a person: where the table is, without user and password. */
export function describeTable([first]: TableGroup): string {
  const { migration, target } = first
  const schema = `schema ${target.revisionsSchema}`
  // Rows from a file have an address that leads nowhere (RFC 2606).
  if (target.host.endsWith('.invalid'))
    return `rows given for ${migrationName(migration)}, ${schema}`
  return `${target.host}:${target.port}/${target.database}, ${schema}`
}
