import { randomBytes } from 'node:crypto'
import { escapeLiteral } from 'pg'
import type { DatabaseIdentity, Sameness } from '../../policy/facts/facts.js'
import { contradicts } from '../../policy/facts/same-database.js'
import { identityQuery, revisionsTables } from './catalog-query.js'
import type { Shape } from '../../review/object/shape.js'
import type { Session } from '../wire/session.js'
import { flag, object, parseAnswer, text } from './answer-json.js'
import { parseIdentityRow } from './catalog-facts.js'
import { beginTransaction, type Timeouts } from './table-read.js'

/** A session on each of two databases that may be one. */
export interface ProofSide {
  readonly session: Pick<Session, 'query' | 'address'>
  readonly database: string
}

export interface Proof {
  readonly sides: readonly [ProofSide, ProofSide]
  readonly revisionsSchema: string
  readonly timeouts: () => Timeouts
  readonly signal: AbortSignal
}

/** What a server says of itself, and the connections to its database that have a name as ours are given. */
interface Testimony {
  readonly identity: DatabaseIdentity
  /** With its time zone; empty where the role may not ask. */
  readonly startedAt: string
  /** By name: whether its role may read and write the revisions table. */
  readonly seen: ReadonlyMap<string, boolean>
}

/** 128 bits: nobody guesses it. Hexadecimal digits, so that the other server can be asked for all names of that shape. */
const nameBytes = 16

/** More than a server has connections with such a name, unless somebody fills the list. */
const maxNames = 1000

/**
 * Connections to this database that have a name of our shape. The name that is looked for is not among what is sent:
 * a server that made itself look like another would only have to send it back. An absent table is about to be made.
 */
function namesQuery(schema: string): string {
  const role = 'a.usesysid'
  return `SELECT coalesce(json_agg(json_build_object('name', name, 'writes', writes)), '[]') FROM (
    SELECT a.application_name AS name, CASE WHEN t.oid IS NULL
        THEN has_database_privilege(${role}, a.datid, 'CREATE')
        ELSE has_table_privilege(${role}, t.oid, 'SELECT') AND has_table_privilege(${role}, t.oid, 'INSERT') END AS writes
      FROM pg_stat_activity a
      LEFT JOIN (SELECT c.oid FROM ${revisionsTables} AND n.nspname = ${escapeLiteral(schema)}
        AND c.relkind IN ('r', 'p')) t ON true
      WHERE a.datname = current_database() AND ${role} IS NOT NULL
        AND a.application_name ~ '^[0-9a-f]{${nameBytes * 2}}$'
      LIMIT ${maxNames}) n`
}

const startQuery = 'SELECT pg_postmaster_start_time()::text'

/**
 * Whether two connections end in one running server and database. What a server says of itself can be copied, so it
 * only refutes. The proof is that a random name, which each connection takes for a transaction, is seen from the other
 * one, on a role that may write the revisions table: whoever only claims to be the same cannot know it. It works
 * through a pooler, since an open transaction keeps its server's connection.
 * @throws what the sessions throw.
 */
export async function proveSameDatabase(proof: Proof): Promise<Sameness> {
  const first = await compareOnce(proof)
  // A restart between the two reads gives one server two times; after it both are young.
  return first === 'restarted' ? settle(await compareOnce(proof)) : first
}

function settle(outcome: Sameness | 'restarted'): Sameness {
  return outcome === 'restarted' ? 'different' : outcome
}

async function compareOnce(proof: Proof): Promise<Sameness | 'restarted'> {
  const { sides, signal, timeouts } = proof
  const names = sides.map(() => randomBytes(nameBytes).toString('hex'))
  const [a, b] = await (async () => {
    try {
      await both(sides, ({ session }, index) =>
        session.query(beginTransaction(timeouts(), { application_name: names[index]! }), signal),
      )
      return await both(sides, side => testify(side, proof))
    } finally {
      // Also when one of them failed: the other goes back to its pool.
      await Promise.allSettled(sides.map(({ session }) => session.query('ROLLBACK', signal)))
    }
  })()
  if (contradicts(a!.identity, b!.identity)) return 'different'
  if (a!.startedAt !== b!.startedAt && a!.startedAt !== '' && b!.startedAt !== '')
    return 'restarted'
  const mutual = [a!.seen.get(names[1]!), b!.seen.get(names[0]!)]
  if (mutual.every(writes => writes === true)) return 'same'
  // Seen, but not as somebody who uses the table: a role that squats beside it.
  return mutual.includes(false) || !endsAtOneAddress(sides) ? 'alike' : 'same'
}

interface NamedConnection {
  readonly name: string
  readonly writes: boolean
}

const namesShape: Shape = { type: 'array', items: object({ name: text, writes: flag }) }

async function testify({ session }: ProofSide, proof: Proof): Promise<Testimony> {
  const statements = [identityQuery, startQuery, namesQuery(proof.revisionsSchema)].join('; ')
  const [identity, start, answer] = await session.query(statements, proof.signal)
  const { system, database } = parseIdentityRow(identity)
  const names = parseAnswer(answer, namesShape) as readonly NamedConnection[]
  return {
    identity: { system: system ?? '', database, identifier: null },
    startedAt: start?.[0]?.[0] ?? '',
    seen: new Map(names.map(({ name, writes }) => [name, writes])),
  }
}

/** Both logins worked there, so they need no further proof. */
function endsAtOneAddress([a, b]: Proof['sides']): boolean {
  const address = a.session.address()
  return a.database === b.database && address !== null && address === b.session.address()
}

function both<T>(
  sides: Proof['sides'],
  ask: (side: ProofSide, index: number) => Promise<T>,
): Promise<readonly T[]> {
  return Promise.all(sides.map(ask))
}
