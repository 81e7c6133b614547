import t from 'tap'
import {
  borrowedPasswordPolicy,
  checkBorrowedUser,
} from '../../../src/database/wire/borrowed-password.js'
import type { PasswordRequest } from '../../../src/database/wire/login-steps.js'
import type { BorrowedLogin } from '../../../src/review/ports/ports.js'

const login = (userIsSecret: boolean, isKnown: boolean): BorrowedLogin => ({
  userIsSecret,
  hostIsKnown: () => isKnown,
})

void t.test('a name that may be any value of a Secret goes to known hosts alone', async t => {
  const refused = { message: /credentials\.userFrom goes only to a known host/ }
  t.throws(() => checkBorrowedUser(login(true, false), { isAllowed: false }), refused)
  const fine: readonly (readonly [BorrowedLogin | null, boolean])[] = [
    [null, false],
    [login(false, false), false],
    [login(true, true), false],
    [login(true, false), true],
  ]
  for (const [given, isAllowed] of fine)
    t.doesNotThrow(() => checkBorrowedUser(given, { isAllowed }))
})

const scram = (iterations: number): PasswordRequest => ({ method: 'scram-sha-256', iterations })

type Row = [title: string, request: PasswordRequest, trusted: boolean, isVerified: boolean]

const answered: readonly Row[] = [
  ['SCRAM, which gives nothing away', scram(4096), false, false],
  ['clear text to a known host over verified TLS', { method: 'password' }, true, true],
  ['an MD5 hash to a known host over verified TLS', { method: 'md5' }, true, true],
]

const withheld: readonly (readonly [...Row, says: RegExp])[] = [
  ['SCRAM that is guessed at ease', scram(4095), true, true, /by SCRAM with under 4096 iterations/],
  ['clear text without proof of the host', { method: 'password' }, true, false, /in clear text/],
  ['clear text to an unknown host', { method: 'password' }, false, true, /in clear text/],
  ['an MD5 hash to an unknown host', { method: 'md5' }, false, true, /as an MD5 hash/],
]

/** A host is trusted for the policy, or for the cluster: both count the same. */
function policies(trusted: boolean, isVerified: boolean) {
  return trusted
    ? [
        borrowedPasswordPolicy(login(false, true), { isAllowed: false }, isVerified),
        borrowedPasswordPolicy(login(false, false), { isAllowed: true }, isVerified),
      ]
    : [borrowedPasswordPolicy(login(false, false), { isAllowed: false }, isVerified)]
}

for (const [title, request, trusted, isVerified] of answered)
  void t.test(`a Secret's password is given for ${title}`, async t => {
    for (const policy of policies(trusted, isVerified)) t.equal(policy(request), null)
  })

for (const [title, request, trusted, isVerified, says] of withheld)
  void t.test(`a Secret's password is withheld from ${title}`, async t => {
    for (const policy of policies(trusted, isVerified)) t.match(policy(request)?.message, says)
  })

void t.test('a password that stands in the spec itself is given for any request', async t => {
  const policy = borrowedPasswordPolicy(null, { isAllowed: false }, false)
  for (const request of [{ method: 'password' }, { method: 'md5' }, scram(1)] as const)
    t.equal(policy(request), null)
})
