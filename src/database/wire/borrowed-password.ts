import type { BorrowedLogin } from '../../review/ports/ports.js'
import { DatabaseFault } from '../fault/database-fault.js'
import type { PasswordPolicy, PasswordRequest } from './login-steps.js'

/**
 * Fewest iterations: PostgreSQL's own default, and the least that RFC 7677 allows. A hash of one
 * iteration could be guessed as fast as MD5.
 */
const minIterations = 4096

/** What decides whether a password is sent, besides where the login comes from. */
export interface HostTrust {
  /**
   * Whether only hosts that database.allowedHosts names may be connected to, so that this host is
   * one of them.
   */
  readonly isAllowed: boolean
}

/**
 * Refuses to send a user's name that may be any value of a Secret to an unknown host. It must be
 * called before connecting, because the first message holds the name.
 */
export function checkBorrowedUser(login: BorrowedLogin | null, { isAllowed }: HostTrust): void {
  if (login === null || !login.userIsSecret || isAllowed || login.hostIsKnown()) return
  throw new DatabaseFault(
    'login-withheld',
    'the value of credentials.userFrom goes only to a known host, unless its key is called user or username',
  )
}

/**
 * Decides which requests for a password are answered. `isVerified`: the connection uses TLS, and
 * the certificate proves the host.
 */
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
