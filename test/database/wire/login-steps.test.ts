import t from 'tap'
import { DatabaseFault, ProtocolError } from '../../../src/database/fault/database-fault.js'
import { LoginSteps, type PasswordRequest } from '../../../src/database/wire/login-steps.js'
import { authentication, text } from '../../attacks/harness/fake-messages.js'

const accepted = authentication(0)
const clearText = authentication(3)
const md5 = authentication(5, Buffer.from('salt'))
const mechanisms = authentication(10, text('SCRAM-SHA-256'), Buffer.from([0]))
const challenge = (said: string) => authentication(11, Buffer.from(said))
const proof = authentication(12, Buffer.from('v=x'))

/** Takes one message after the other; what the password was asked for. */
function take(...messages: readonly Buffer[]): readonly PasswordRequest[] {
  const requests: PasswordRequest[] = []
  const steps = new LoginSteps(request => {
    requests.push(request)
    return null
  })
  // In front of the body stand the type and the length.
  for (const bytes of messages) steps.take({ bytes, start: 5, end: bytes.length })
  return requests
}

void t.test('a login is followed in every way that PostgreSQL has', async t => {
  t.strictSame(take(accepted), [])
  t.strictSame(take(clearText, accepted), [{ method: 'password' }])
  t.strictSame(take(md5, accepted), [{ method: 'md5' }])
  t.strictSame(take(mechanisms, challenge('r=a,s=b,i=4096'), proof, accepted), [
    { method: 'scram-sha-256', iterations: 4096 },
  ])
})

const misformed: Readonly<Record<string, readonly Buffer[]>> = {
  'a message without a code': [Buffer.from('R\0\0\0\x06\0\0')],
  'a password that is asked for twice': [clearText, clearText],
  'another way after the first': [clearText, mechanisms],
  'an end of SCRAM without its proof': [mechanisms, challenge('r=a,s=b,i=4096'), accepted],
  'a challenge that nobody asked for': [challenge('r=a,s=b,i=4096')],
  'clear text with something behind it': [authentication(3, Buffer.from('x'))],
  'MD5 without its salt': [authentication(5)],
  'mechanisms without an end': [authentication(10, Buffer.from('SCRAM'))],
  'a challenge without iterations': [mechanisms, challenge('r=a,s=b')],
  'iterations that stand twice': [mechanisms, challenge('r=a,s=b,i=4096,i=1')],
  'iterations that are no number': [mechanisms, challenge('r=a,s=b,i=0x10')],
}

for (const [title, messages] of Object.entries(misformed))
  void t.test(`${title} ends the login`, async t => {
    t.throws(() => take(...messages), ProtocolError)
  })

void t.test('a login of a kind that is not known here is said to be one', async t => {
  for (const code of [2, 6, 7, 9])
    t.throws(() => take(authentication(code)), {
      failure: 'authentication',
      message: 'the server wants a login of a kind that is not known here',
    })
})

void t.test('a request that the policy refuses goes no further', async t => {
  const steps = new LoginSteps(() => new DatabaseFault('login-withheld', 'withheld'))
  t.throws(() => steps.take({ bytes: clearText, start: 5, end: clearText.length }), {
    message: 'withheld',
  })
})
