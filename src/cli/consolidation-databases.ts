import type { DatabaseState } from '../atlas/database-state.js'
import type { PlanOptions } from '../atlas/plan.js'
import { revisionsTable } from '../atlas/revision.js'
import type { AtlasMigration } from '../policy/atlas-migration.js'
import type { DatabaseIdentity, MissingReference, TableFacts, Target } from '../policy/facts.js'
import type { ClusterView } from '../review/cluster-view.js'
import { isSameDatabase } from '../review/sharing.js'
import type { TableReads } from '../review/table-reads.js'
import { type ResolvedTarget, resolveTarget } from '../review/target-resolution.js'
import type { DatabaseUser } from './consolidation-users.js'

/** A revisions table that the merged directory must be right for. */
export interface FoundTable {
  /** Of the database, for a person: that of its first user. */
  readonly name: string
  /** At least one. */
  readonly users: readonly DatabaseUser[]
  readonly target: Target
  readonly identity: DatabaseIdentity
  readonly state: DatabaseState
}

/** A database of which nothing is known. */
export interface UnreadDatabase {
  readonly name: string
  /** A sentence without a secret; null when nobody was to ask. */
  readonly reason: string | null
}

export interface DatabaseReading {
  readonly tables: readonly FoundTable[]
  readonly unread: readonly UnreadDatabase[]
  /** Remarks, one line each. */
  readonly notes: readonly string[]
}

/** What is read of one user's database. */
type UserReading =
  | { readonly user: DatabaseUser; readonly reason: string | null }
  | {
      readonly user: DatabaseUser
      readonly target: Target
      readonly table: Extract<TableFacts, { readonly kind: 'read' }>
    }

/** Reads the database of every user; those on one table become one. */
export async function readDatabases(
  users: readonly DatabaseUser[],
  { view, tables }: { readonly view: ClusterView; readonly tables: TableReads },
): Promise<DatabaseReading> {
  const readings = await Promise.all(
    users.map(async user => {
      const resolved = await resolveTarget(view, user.asked)
      return readUser(user, resolved, tables)
    }),
  )
  const found: FoundTable[] = []
  const unread: UnreadDatabase[] = []
  const notes: string[] = []
  for (const reading of readings) {
    if ('reason' in reading) unread.push({ name: reading.user.name, reason: reading.reason })
    else {
      addTable(found, reading)
      notes.push(...elsewhereNotes(reading))
    }
  }
  return { tables: found, unread, notes }
}

async function readUser(
  user: DatabaseUser,
  { facts, url, missing }: ResolvedTarget,
  tables: TableReads,
): Promise<UserReading> {
  const unread = (reason: string | null): UserReading => ({ user, reason })
  const { spec } = user.migration
  if (spec.config !== undefined || spec.configFrom !== undefined)
    return unread('a custom atlas.hcl decides which database it is')
  if (facts.kind === 'invalid') return unread(`its database URL cannot be used: ${facts.problem}`)
  if (facts.kind !== 'resolved' || url === null) return unread(describeMissing(missing))
  const table = await tables.readTable(url, facts.target, Boolean(spec.revisionsSchema))
  if (table.kind === 'unread') return unread(null)
  if (table.kind === 'failed') return unread(table.message)
  if (table.ambiguous) return unread('its revisions table is ambiguous: there is one in two schemas')
  if (table.locked) return unread('a migration is running on it; try again when that is over')
  return { user, target: facts.target, table }
}

function describeMissing([first]: readonly MissingReference[]): string {
  if (first === undefined) return 'it names no database'
  const { path, secret, key, reason, why } = first
  if (reason === 'unreadable') return `Secret ${secret} (${path}) cannot be read: ${why}`
  return reason === 'secret-not-found'
    ? `Secret ${secret} (${path}) is not there`
    : `Secret ${secret} (${path}) has no key ${key}`
}

type TableReading = Extract<UserReading, { readonly target: Target }>

function addTable(found: FoundTable[], { user, target, table }: TableReading): void {
  const same = found.findIndex(other => isSameTable(other, target, table.identity))
  const known = found[same]
  if (known) found[same] = { ...known, users: [...known.users, user] }
  else
    found.push({
      name: user.name,
      users: [user],
      target,
      identity: table.identity,
      state: { revisions: table.revisions, notClean: table.notClean },
    })
}

function isSameTable(known: FoundTable, target: Target, identity: DatabaseIdentity): boolean {
  if (known.target.revisionsSchema !== target.revisionsSchema) return false
  const { host, port, database } = known.target
  const sameAddress = host === target.host && port === target.port && database === target.database
  return sameAddress || isSameDatabase(known.identity, identity)
}

/** Rows where the operator does not look are most often the sign of a move that left them behind. */
function elsewhereNotes({ user, target, table }: TableReading): readonly string[] {
  const [schema] = table.elsewhere
  return schema === undefined
    ? []
    : [
        `${user.name}: no rows in schema ${target.revisionsSchema}, but in schema ${schema}: the operator does not look there`,
      ]
}

/** What the operator plans with for this object. */
export function planOptionsOf({ spec }: AtlasMigration): PlanOptions {
  return {
    execOrder: spec.execOrder ?? 'linear',
    baseline: spec.baseline ?? '',
    allowDirty: false,
  }
}

/** Where the table is, without user and password; null for rows from a file, whose address says nothing. */
export function describeTable({ target }: FoundTable): string | null {
  const { host, port, database, revisionsSchema } = target
  if (host.endsWith('.invalid')) return null
  const schema = revisionsSchema === revisionsTable ? '' : `, schema ${revisionsSchema}`
  return `${host}:${port}/${database}${schema}`
}
