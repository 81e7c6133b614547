import type { Sameness } from '../policy/facts/facts.js'
import type { DatabaseLimits } from '../policy/settings/settings.js'
import { proveSameDatabase } from './query/database-proof.js'
import { timeoutsWithin } from './query/table-read.js'
import type { LoginTarget } from './session/login-target.js'
import { type QuerySession, watchDeath } from './session/session-death.js'
import type { Sessions } from './session/sessions.js'

export interface SessionComparison {
  readonly targets: readonly LoginTarget[]
  readonly revisionsSchema: string
  readonly limits: DatabaseLimits
  /** Told of a failure of the second database, which must not count against the first. */
  readonly onFailure: (error: unknown) => void
}

/**
 * Asks two databases at the same time whether they are one.
 * @throws what ended the session of the first.
 */
export async function compareSessions(
  sessions: Sessions,
  { targets, revisionsSchema, limits, onFailure }: SessionComparison,
): Promise<Sameness> {
  // In one order, whoever asks: two that each hold what the other one waits for would wait until their deadlines.
  const [a, b] = targets.toSorted((one, two) => (one.key < two.key ? -1 : 1)) as [
    LoginTarget,
    LoginTarget,
  ]
  const { deadline } = a
  return sessions.use(a, async first => {
    const watched = watchDeath(first)
    const prove = (second: QuerySession) =>
      proveSameDatabase({
        sides: [sideOf(a, watched.session), sideOf(b, second)],
        revisionsSchema,
        timeouts: () => timeoutsWithin(limits, deadline.at - Date.now()),
        signal: deadline.signal,
      }).catch((error: unknown): Sameness => {
        // The end of the one is none of the other, which would be tried again for it.
        if (watched.death() === null) throw error
        return 'unknown'
      })
    const sameness = await sessions.use(b, prove).catch((error: unknown): Sameness => {
      onFailure(error)
      return 'unknown'
    })
    // As at a restart of its server: the pool may have another one.
    const death = watched.death()
    if (death !== null) throw death.error
    return sameness
  })
}

function sideOf({ parts: { database } }: LoginTarget, session: QuerySession) {
  return { session, database }
}
