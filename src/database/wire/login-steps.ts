import { DatabaseFault, ProtocolError } from '../fault/database-fault.js'
import { int32, type MessageBody } from './message-shape.js'

/** What a server asks for at the login, in PostgreSQL's own words of `pg_hba.conf`. */
export type PasswordRequest =
  | { readonly method: 'password' | 'md5' }
  | { readonly method: 'scram-sha-256'; readonly iterations: number }

/** Why a request is not answered; null when it is. */
export type PasswordPolicy = (request: PasswordRequest) => DatabaseFault | null

/** Codes of an authentication request (protocol-message-formats). */
const ok = 0
const cleartextPassword = 3
const md5Password = 5
const sasl = 10
const saslContinue = 11
const saslFinal = 12

/**
 * By request, which ones may follow; the login begins with null. A server that proves that it knows
 * the password (SCRAM) cannot leave that step out.
 */
const next: ReadonlyMap<number | null, readonly number[]> = new Map([
  [null, [ok, cleartextPassword, md5Password, sasl]],
  [cleartextPassword, [ok]],
  [md5Password, [ok]],
  [sasl, [saslContinue]],
  [saslContinue, [saslFinal]],
  [saslFinal, [ok]],
])

/**
 * Follows a login, so that a server can ask for the password only once and in one way. It sees each
 * request before `pg` does, which would answer any of them, at any time and as often as it is
 * asked.
 */
export class LoginSteps {
  readonly #policy: PasswordPolicy
  #last: number | null = null

  constructor(policy: PasswordPolicy) {
    this.#policy = policy
  }

  /** @throws DatabaseFault or ProtocolError for a request that is not answered. */
  take(body: MessageBody): void {
    if (body.end - body.start < 4) throw new ProtocolError()
    const code = int32(body.bytes, body.start)
    if (!next.get(this.#last)?.includes(code)) throw unexpected(code)
    this.#last = code
    const request = requestOf(code, body)
    const refusal = request && this.#policy(request)
    if (refusal) throw refusal
  }
}

function unexpected(code: number): Error {
  // These begin a login of another kind, such as Kerberos. All other codes are out of order.
  const isOtherKind = code > ok && code < sasl && code !== cleartextPassword && code !== md5Password
  return isOtherKind
    ? new DatabaseFault(
        'authentication',
        'the server wants a login of a kind that is not known here',
      )
    : new ProtocolError()
}

function requestOf(code: number, body: MessageBody): PasswordRequest | null {
  const length = body.end - body.start
  if (code === cleartextPassword && length === 4) return { method: 'password' }
  if (code === md5Password && length === 8) return { method: 'md5' }
  if (code === saslContinue) return { method: 'scram-sha-256', iterations: iterationsOf(body) }
  if (code === cleartextPassword || code === md5Password) throw new ProtocolError()
  if (code === sasl && !isMechanismList(body)) throw new ProtocolError()
  return null
}

/** Whether the body is a list of texts, of which the last is empty. */
function isMechanismList({ bytes, start, end }: MessageBody): boolean {
  return end - start >= 6 && bytes[end - 1] === 0 && bytes[end - 2] === 0
}

/**
 * The iterations in the server-first-message (RFC 5802), if they stand in it once:
 * `r=…,s=…,i=4096`.
 */
function iterationsOf({ bytes, start, end }: MessageBody): number {
  const counts = bytes
    .toString('utf8', start + 4, end)
    .split(',')
    .filter(attribute => attribute.startsWith('i='))
  const [count] = counts
  if (counts.length !== 1 || !/^i=[1-9]\d{0,9}$/.test(count!)) throw new ProtocolError()
  return Number(count!.slice(2))
}
