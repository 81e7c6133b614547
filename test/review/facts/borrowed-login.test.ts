import t from 'tap'
import type { AtlasMigration, Credentials } from '../../../src/policy/facts/atlas-migration.js'
import { parseDatabaseUrl } from '../../../src/policy/url/database-url.js'
import { borrowedLogin } from '../../../src/review/facts/borrowed-login.js'
import { buildClusterView } from '../../../src/review/facts/cluster-view.js'
import { credentialsUrl } from '../../../src/review/url/credentials-url.js'
import { fakeCluster, unhurriedDeadline } from '../fakes.js'

const from = (name: string, key: string) => ({ secretKeyRef: { name, key } })

const borrowing: Credentials = {
  scheme: 'postgres',
  userFrom: from('db', 'username'),
  passwordFrom: from('db', 'password'),
  host: 'db.example',
  database: 'app',
}

function user(credentials: Credentials, spec: object = {}, namespace = 'shop'): AtlasMigration {
  return { metadata: { namespace, name: 'stored' }, spec: { credentials, ...spec } }
}

/** The login of these credentials in the namespace shop, where those AtlasMigrations are stored. */
function loginOf(credentials: Credentials, stored: readonly AtlasMigration[] = []) {
  const secretHost = credentials.hostFrom ? 'db.example' : undefined
  const host = credentials.host ?? secretHost ?? ''
  const parts = parseDatabaseUrl(credentialsUrl({ ...credentials, host, user: 'u' }))
  if (parts.kind !== 'parsed') throw new Error('the URL of the test is wrong')
  const view = buildClusterView(fakeCluster({ migrations: stored }), unhurriedDeadline())
  return borrowedLogin({ namespace: 'shop', credentials, secretHost, parts }, view)
}

const { host: _, ...hostless } = borrowing

void t.test('nothing is borrowed where the spec or one Secret holds all of the login', async t => {
  t.equal(loginOf({ scheme: 'postgres', user: 'app', password: 'x', host: 'h' }), null)
  t.equal(loginOf({ ...hostless, hostFrom: from('db', 'host') }), null)
})

void t.test('a host of another Secret is known, whoever uses it', async t => {
  t.equal(loginOf({ ...hostless, hostFrom: from('other', 'host') })?.hostIsKnown(), true)
})

void t.test("a user's name is taken for one by the name of its key", async t => {
  const isSecret = (key: string) =>
    loginOf({ ...borrowing, userFrom: from('db', key) })?.userIsSecret
  for (const key of ['username', 'POSTGRES_USER', 'db-user', 'login', 'role'])
    t.equal(isSecret(key), false, key)
  for (const key of ['password', 'token', 'user-password']) t.equal(isSecret(key), true, key)
})

type Stored = [title: string, stored: AtlasMigration, isKnown: boolean]

const cases: readonly Stored[] = [
  ['one that goes there already', user(borrowing), true],
  ['one with the default port written out', user({ ...borrowing, port: 5432 }), true],
  ['one of another namespace', user(borrowing, {}, 'billing'), false],
  ['one with another host', user({ ...borrowing, host: 'other' }), false],
  ['one with another port', user({ ...borrowing, port: 6432 }), false],
  [
    'one with another Secret besides',
    user({ ...borrowing, userFrom: from('x', 'username') }),
    true,
  ],
  [
    'one that shares no Secret',
    user({ ...borrowing, userFrom: from('x', 'u'), passwordFrom: from('x', 'p') }),
    false,
  ],
  ['one whose host is in a Secret', user({ ...borrowing, hostFrom: from('db', 'host') }), false],
  ['one that has a URL besides', user(borrowing, { url: 'postgres://h/d' }), false],
  ['one that has a URL in a Secret', user(borrowing, { urlFrom: from('db', 'url') }), false],
  ['one without credentials', { metadata: { namespace: 'shop', name: 'x' }, spec: {} }, false],
  ['one whose URL cannot be read', user({ ...borrowing, scheme: 'no scheme' }), false],
]

for (const [title, stored, isKnown] of cases)
  void t.test(`a host is ${isKnown ? '' : 'not '}known by ${title}`, async t => {
    t.equal(loginOf(borrowing, [stored])?.hostIsKnown(), isKnown)
  })
