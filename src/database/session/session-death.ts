import { DatabaseFault, isServerAnswer } from '../fault/database-fault.js'
import type { Session } from '../wire/session.js'

/** What a use of a database does with its session. */
export type QuerySession = Pick<Session, 'query' | 'address'>

/** A connection's end, other than an answer of its server or a limit of ours. */
export function isDeath(error: unknown): boolean {
  return !(error instanceof DatabaseFault) && !isServerAnswer(error)
}

/** Tells afterwards whether it was this session that ended, where work needs two. */
export function watchDeath(session: QuerySession) {
  let death: { readonly error: unknown } | null = null
  const note = (error: unknown): never => {
    if (isDeath(error)) death = { error }
    throw error
  }
  const watched: QuerySession = {
    address: () => session.address(),
    query: (text, signal) => session.query(text, signal).catch(note),
  }
  return { session: watched, death: (): { readonly error: unknown } | null => death }
}
