import type { BorrowedLogin } from '../../review/ports/ports.js'
import { DatabaseFault } from '../fault/database-fault.js'
import type { PasswordPolicy, PasswordRequest } from './login-steps.js'

/**
 * PostgreSQL's own default, and the least that RFC 7677 allows. A server that asks for one iteration wants something
 * that is guessed as fast as an MD5 hash.
 */
const minIterations = 4096

/** What the password policy rests on, beside where the login comes from. */
export interface HostTrust {
  /** The host had to stand in database.allowedHosts to be connected to. */
  readonly isAllowed: boolean
}

/** Refuses before a connection is made, since the user's name is in its first message. */
export function checkBorrowedUser(login: BorrowedLogin | null, { isAllowed }: HostTrust): void {
  if (login === null || !login.userIsSecret || isAllowed || login.hostIsKnown()) return
  throw new DatabaseFault(
    'login-withheld',
    'the value of credentials.userFrom goes only to a known host, unless its key is called user or username',
  )
}

/** `isVerified`: over TLS, with a certificate that proves the host. */
export function borrowedPasswordPolicy(
  login: BorrowedLogin | null,
  { isAllowed }: HostTrust,
  isVerified: boolean,
): PasswordPolicy {
  if (login === null) return () => null
  return request => {
    if (request.method === 'scram-sha-256')
      return request.iterations >= minIterations ? null : withheld(request)
    return isVerified && (isAllowed || login.hostIsKnown()) ? null : withheld(request)
  }
}

const forms: Readonly<Record<PasswordRequest['method'], string>> = {
  password: 'in clear text',
  md5: 'as an MD5 hash',
  'scram-sha-256': `by SCRAM with under ${minIterations} iterations`,
}

function withheld({ method }: PasswordRequest): DatabaseFault {
  return new DatabaseFault(
    'login-withheld',
    `the server wants the Secret's password ${forms[method]}; so only a known host gets it, over verified TLS`,
  )
}
