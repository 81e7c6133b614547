import { createHmac, randomBytes } from 'node:crypto'
import {
  type DatabaseUrlParts,
  hasControlCharacter,
  parseDatabaseUrl,
  urlParameter,
} from '../../policy/url/database-url.js'
import type { BorrowedLogin, DatabaseUrl, Deadline } from '../../review/ports/ports.js'
import { DatabaseFault } from '../fault/database-fault.js'
import type { PoolTarget } from '../pool/connection-pool.js'

/** One use of a database. `key` is equal for equal URLs, and reveals nothing of them. */
export interface LoginTarget extends PoolTarget {
  readonly parts: DatabaseUrlParts
  /** Key of the login at a server, whatever the database. */
  readonly breakerKey: string
  readonly isBackground: boolean
  readonly borrowed: BorrowedLogin | null
  readonly deadline: Deadline
}

/**
 * Makes a function that reads URLs as targets. Their keys are digests with a salt of their own, so
 * that nothing that is remembered tells a URL.
 */
export function buildTargetParser(): (url: DatabaseUrl, deadline: Deadline) => LoginTarget {
  const salt = randomBytes(32)
  const digest = (text: string) => createHmac('sha256', salt).update(text).digest('hex')
  return (url, deadline) => parseTarget(url, deadline, digest)
}

/** @throws DatabaseFault for a URL that is not read. */
function parseTarget(
  url: DatabaseUrl,
  deadline: Deadline,
  digest: (text: string) => string,
): LoginTarget {
  const text = url.reveal()
  const parts = parseDatabaseUrl(text)
  if (parts.kind === 'invalid') throw new DatabaseFault('unsupported', parts.problem)
  const problem = unsupported(parts)
  if (problem !== null) throw new DatabaseFault('unsupported', problem)
  const { namespace = '' } = url
  const { user, password } = parts
  const host = `${parts.host.toLowerCase()}:${parts.port}`
  const { background: isBackground = false } = deadline
  const breakerKey = digest(JSON.stringify([namespace, host, user, password]))
  const borrowed = url.borrowed ?? null
  // A connection whose login comes from a Secret is not shared with one whose login does not,
  // though the URL is the same: they are opened under different conditions.
  const key = digest(`${borrowed !== null} ${text}`)
  return { parts, borrowed, key, breakerKey, namespace, host, deadline, isBackground }
}

/**
 * Why a URL is not read, as a sentence; null when it is. lib/pq would try several hosts in turn,
 * and would take the operator's own user when the URL has none.
 */
function unsupported(parts: DatabaseUrlParts): string | null {
  if (parts.dialect !== 'postgres') return 'only PostgreSQL databases are read'
  if (parts.host.includes(',') || urlParameter(parts, 'hostaddr') !== null) {
    return 'URLs with several hosts or a hostaddr are not followed'
  }
  if (hasControlCharacter(parts)) {
    return 'a part of the URL has a line break or another control character, which is sent to no server'
  }
  return parts.user === '' ? 'the URL names no user' : null
}
