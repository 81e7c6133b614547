import { isDeepStrictEqual } from 'node:util'
import type { DatabaseState } from '../../atlas/engine/database-state.js'
import { revisionsTable } from '../../atlas/engine/revision.js'
import type { DatabaseIdentity, Sameness, TableFacts, Target } from '../../policy/facts/facts.js'
import { describeMissing } from '../../policy/facts/missing-reference.js'
import { claimsToBeSame } from '../../policy/facts/same-database.js'
import type { ClusterView } from '../../review/facts/cluster-view.js'
import type { ConcealedUrl } from '../../review/url/concealed-url.js'
import { Patience } from '../../review/limits/patience.js'
import type { TableReads } from '../../review/facts/table-reads.js'
import { type ResolvedTarget, resolveTarget } from '../../review/facts/target-resolution.js'
import type { DatabaseUser } from './users.js'

/** A revisions table that the merged directory must be right for. */
export interface FoundTable {
  /** What a person calls its database: the name of its first user. */
  readonly name: string
  /** The AtlasMigrations or databases that use it; at least one. */
  readonly users: readonly DatabaseUser[]
  /** Its address without user and password; null when that is not known. */
  readonly place: string | null
  /**
   * Earlier tables that may be this one: their databases say the same of themselves and have the
   * same rows, as a copy does too, and no proof was possible.
   */
  readonly alike: readonly Pick<FoundTable, 'name' | 'place'>[]
  readonly content:
    | {
        readonly kind: 'read'
        readonly identity: DatabaseIdentity
        readonly state: DatabaseState
        /** Another schema that has rows where this one has none. */
        readonly elsewhere: string | null
      }
    /**
     * Why it was not read, as a sentence without a secret; null when no database was to be read.
     */
    | { readonly kind: 'unread'; readonly reason: string | null }
}

/** The table of one user, before the users of one table are joined. */
interface UserTable extends FoundTable {
  /**
   * Equal for equal addresses and schemas. A table from an export has one more, that of the
   * database in the spec.
   */
  readonly addresses: readonly string[]
  /** Where its rows were read; null when no URL is known. */
  readonly asked: { readonly url: ConcealedUrl; readonly revisionsSchema: string } | null
}

export interface DatabaseSources {
  readonly view: ClusterView
  readonly tables: TableReads
}

/** Reads the table of every user, and joins the users of one table. */
export async function readTables(
  users: readonly DatabaseUser[],
  sources: DatabaseSources,
): Promise<readonly FoundTable[]> {
  const read = await Promise.all(users.map(user => readUser(user, sources)))
  let tables: readonly UserTable[] = []
  for (const table of read) tables = await addTable(tables, table, sources)
  return tables
}

async function readUser(user: DatabaseUser, sources: DatabaseSources): Promise<UserTable> {
  const { view, tables } = sources
  const [own, asked] = await Promise.all([
    resolveTarget(view, user.migration),
    resolveTarget(view, user.asked),
  ])
  const targets = [own, asked].flatMap(({ facts }) =>
    facts.kind === 'resolved' ? [facts.target] : [],
  )
  return {
    name: user.name,
    users: [user],
    addresses: targets.map(addressOf),
    place: targets.map(addressOf).find(isRealAddress) ?? null,
    alike: [],
    asked:
      asked.facts.kind === 'resolved' && asked.url
        ? { url: asked.url, revisionsSchema: asked.facts.target.revisionsSchema }
        : null,
    content: await readContent(user, asked, tables),
  }
}

/** `host:port/database`, with the schema where it is not the usual one. */
function addressOf({ host, port, database, revisionsSchema }: Target): string {
  const schema = revisionsSchema === revisionsTable ? '' : `, schema ${revisionsSchema}`
  return `${host}:${port}/${database}${schema}`
}

/** Whether the address exists. That of rows from a file is made up (RFC 2606). */
function isRealAddress(address: string): boolean {
  return !/^[^/]*\.invalid:/.test(address)
}

async function readContent(
  { asked }: DatabaseUser,
  { facts, url, missing }: ResolvedTarget,
  tables: TableReads,
): Promise<FoundTable['content']> {
  const { spec } = asked
  if (spec.config !== undefined || spec.configFrom !== undefined)
    return unread('a custom atlas.hcl decides which database it is')
  if (facts.kind === 'invalid') return unread(`its database URL cannot be used: ${facts.problem}`)
  if (facts.kind !== 'resolved' || url === null) {
    const [first] = missing
    return unread(first === undefined ? 'it names no database' : describeMissing(first))
  }
  const table = await tables.readTable(url, facts.target, Boolean(spec.revisionsSchema))
  return tableContent(table)
}

function tableContent(table: TableFacts): FoundTable['content'] {
  if (table.kind === 'unread') return unread(null)
  if (table.kind === 'failed') return unread(table.message)
  if (table.ambiguous)
    return unread('its revisions table is ambiguous: there is one in two schemas')
  if (table.locked) return unread('a migration is running on it; try again when that is over')
  const { identity, revisions, notClean, elsewhere } = table
  return {
    kind: 'read',
    identity,
    state: { revisions, notClean },
    elsewhere: elsewhere[0] ?? null,
  }
}

function unread(reason: string | null): FoundTable['content'] {
  return { kind: 'unread', reason }
}

/** Adds a table, or its users to the table that it is proven to be. */
async function addTable(
  known: readonly UserTable[],
  next: UserTable,
  sources: DatabaseSources,
): Promise<readonly UserTable[]> {
  const alike: UserTable[] = []
  for (const table of known) {
    const sameness = await compareTables(table, next, sources)
    if (sameness === 'same')
      return known.map(other => (other === table ? join(table, next) : other))
    if (sameness === 'alike') alike.push(table)
  }
  return [...known, { ...next, alike }]
}

function join(table: UserTable, next: UserTable): UserTable {
  return {
    ...table,
    users: [...table.users, ...next.users],
    addresses: [...table.addresses, ...next.addresses],
    content: table.content.kind === 'read' ? table.content : next.content,
  }
}

function sharesAddress(a: UserTable, b: UserTable): boolean {
  return a.addresses.some(address => b.addresses.includes(address))
}

/**
 * Whether two users have one table. A server that was copied as a whole says the same of itself and
 * has the same rows, so only a proof makes them one: taken for one, a copy would lose its
 * AtlasMigration.
 */
async function compareTables(
  a: UserTable,
  b: UserTable,
  { tables }: DatabaseSources,
): Promise<Exclude<Sameness, 'unknown'>> {
  if (sharesAddress(a, b)) return 'same'
  if (!claimToBeOne(a, b)) return 'different'
  if (a.asked === null || b.asked === null) return 'alike'
  const { revisionsSchema } = b.asked
  const patience = new Patience(Infinity)
  const urls = [a.asked.url, b.asked.url] as const
  const proof = await tables.compareDatabases(urls, { revisionsSchema, patience })
  return proof === 'unknown' ? 'alike' : proof
}

function claimToBeOne(a: UserTable, b: UserTable): boolean {
  if (a.content.kind !== 'read' || b.content.kind !== 'read') return false
  return (
    schemaOf(a) === schemaOf(b) &&
    claimsToBeSame(a.content.identity, b.content.identity) &&
    isDeepStrictEqual(a.content.state, b.content.state)
  )
}

function schemaOf({ addresses: [address = ''] }: UserTable): string | undefined {
  return address.split(', schema ')[1]
}
