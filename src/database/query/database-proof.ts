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

/**
 * What a server says of itself, and which connections to its database have a name of the form that
 * the proof uses.
 */
interface Testimony {
  readonly identity: DatabaseIdentity
  /** When the server started, with its time zone; empty where the role may not ask. */
  readonly startedAt: string
  /** By name of the connection, whether its role may read and write the revisions table. */
  readonly seen: ReadonlyMap<string, boolean>
}

/**
 * Length of a random name: 128 bits, which nobody guesses. It is written in hexadecimal digits, so
 * that the other server can be asked for all names of that form.
 */
const nameBytes = 16

/**
 * Most names that are read: more than a server has such connections, unless somebody fills the
 * list.
 */
const maxNames = 1000

/**
 * Asks for the connections to this database whose name has that form. The name that is looked for
 * is not part of the query, because a server that pretends to be another one would only have to
 * send it back. If there is no revisions table, its role must be able to create one.
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
 * Whether two connections end in one running server and database. What a server says of itself can
 * be copied, so it can only refute that. The proof is a random name, which each connection takes
 * for one transaction. It must be seen from the other connection, on a role that may write the
 * revisions table. A server that only pretends to be the same cannot know the name. This works
 * through a pooler, too, since an open transaction keeps its server connection.
 * @throws what the sessions throw.
 */
export async function proveSameDatabase(proof: Proof): Promise<Sameness> {
  const first = await compareOnce(proof)
  // If the server restarts between the two reads, it names two start times. After the restart both
  // connections are new.
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
      // Even when one of the two failed, the other session goes back to its pool and needs an end
      // of its transaction.
      await Promise.allSettled(sides.map(({ session }) => session.query('ROLLBACK', signal)))
    }
  })()
  if (contradicts(a!.identity, b!.identity)) return 'different'
  if (a!.startedAt !== b!.startedAt && a!.startedAt !== '' && b!.startedAt !== '')
    return 'restarted'
  const mutual = [a!.seen.get(names[1]!), b!.seen.get(names[0]!)]
  if (mutual.every(writes => writes === true)) return 'same'
  // The name was seen, but its role may not use the table. Somebody may only have a role on the
  // same server.
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

/**
 * Whether both connections end at the same address and database. Both logins worked there, so no
 * further proof is needed.
 */
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
