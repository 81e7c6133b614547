import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { t, test, type Test } from 'tap'
import { makeFolder } from '../cli/program.js'
import { ask, buildTestReader, soon } from '../database/test-reader.js'
import { reviewOf } from '../webhook/running-server.js'
import { startAttackedGate } from './harness/attacked-gate.js'
import {
  authentication,
  clearTextRequest,
  md5Request,
  saslRequest,
  tableAnswer,
  usualRow,
  welcome,
} from './harness/fake-messages.js'
import {
  fakeCertificate,
  startFakePostgres,
  type Act,
  type FakePostgres,
  type Wire,
} from './harness/fake-postgres.js'

// Each test starts the program, which takes its time on a busy machine.
t.setTimeout(240_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=240000')

const password = 'the-password-of-the-secret'

/** Of the user `app`, as the server that asks for MD5 with the salt `salt` gets it. */
const md5Password = `md5${md5(`${md5(`${password}app`)}salt`)}`

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

/** Asks for the password in this form, then answers every question. */
function asking(request: Buffer): Act {
  return async wire => {
    wire.send(request)
    await wire.until('p')
    await serve(wire)
  }
}

async function serve(wire: Wire): Promise<void> {
  wire.send(welcome)
  for (;;) {
    await wire.until('Q')
    wire.send(tableAnswer(usualRow))
  }
}

/** SCRAM as PostgreSQL does it, with so many iterations. */
function askingScram(iterations: number): Act {
  return async wire => {
    wire.send(saslRequest)
    const first = (await wire.until('p')).toString('utf8').split('n,,').at(-1)!
    const nonce = `${first.split('r=').at(-1)}${randomBytes(9).toString('base64')}`
    const salt = randomBytes(16)
    const serverFirst = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`
    wire.send(authentication(11, Buffer.from(serverFirst)))
    const final = (await wire.until('p')).toString('utf8')
    const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
    const serverKey = createHmac('sha256', salted).update('Server Key').digest()
    const message = `${first},${serverFirst},${final.replace(/,p=.*/, '')}`
    const signature = createHmac('sha256', serverKey).update(message).digest('base64')
    wire.send(authentication(12, Buffer.from(`v=${signature}`)))
    await serve(wire)
  }
}

function keyOf(key: string, name = 'app-db') {
  return { secretKeyRef: { name, key } }
}

function migration(name: string, credentials: object) {
  return {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name, namespace: 'shop' },
    spec: { credentials, dir: { local: {} } },
  }
}

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'app-db', namespace: 'shop' },
  stringData: { password, username: 'app', host: '127.0.0.1' },
}

/** What a tenant writes: the Secret's password for a server of their own. */
function credentials(server: FakePostgres, more: object = {}) {
  return {
    scheme: 'postgres',
    user: 'app',
    passwordFrom: keyOf('password'),
    host: '127.0.0.1',
    port: server.port,
    database: 'app',
    parameters: { sslmode: 'disable' },
    ...more,
  }
}

async function startGate(t: Test, objects: readonly unknown[] = [], policy?: string) {
  const gate = await startAttackedGate(t, {
    objects: [secret, ...objects],
    ...(policy !== undefined && { policy }),
  })
  return async (spec: object, dryRun = true) => {
    const object = migration('mine', spec)
    const { response } = await gate.post(reviewOf({ name: 'mine', object, dryRun }))
    return JSON.stringify(response)
  }
}

/** Neither the Secret's value nor what only who knows it can tell is among what the server got. */
function notSent(t: Test, server: FakePostgres, title: string): void {
  t.notOk(server.received().includes(password), `${title}: no password`)
  t.notOk(server.received().includes(md5Password), `${title}: no hash of it`)
}

void test('a password from a Secret goes to no server that only the spec names, in no form it could keep', async t => {
  const review = await startGate(t)
  const servers: readonly [string, Act, RegExp][] = [
    ['clear text', asking(clearTextRequest), /in clear text/],
    ['MD5', asking(md5Request), /as an MD5 hash/],
    ['SCRAM with one iteration', askingScram(1), /under 4096 iterations/],
    [
      'another form after the first',
      wire => wire.send(saslRequest, clearTextRequest),
      /could not be read|no PostgreSQL/,
    ],
    ['another form after the login', wire => wire.send(welcome, clearTextRequest), /cannot decide/],
  ]
  for (const tls of [false, true]) {
    for (const [title, session, said] of servers) {
      const server = await startFakePostgres(t, { tls, session })
      const sslmode = tls ? 'require' : 'disable'
      const answer = await review(credentials(server, { parameters: { sslmode } }))
      t.match(answer, said, title)
      notSent(t, server, title)
      t.ok(server.received().length > 0 || /after/.test(title), `${title}: the server was asked`)
    }
  }
})

void test('a password from a Secret still logs in by SCRAM, and where nothing is asked', async t => {
  const review = await startGate(t)
  for (const session of [askingScram(4096), serve]) {
    const server = await startFakePostgres(t, { session })
    t.notMatch(await review(credentials(server)), /cannot decide/)
    notSent(t, server, 'logged in')
  }
})

void test('no part of the spec makes a user name, a parameter or a host of a Secret', async t => {
  const review = await startGate(t)
  const server = await startFakePostgres(t, { session: serve })
  const evil = `127.0.0.1:${server.port}`
  const tries = {
    'a password for a user name': credentials(server, { userFrom: keyOf('password') }),
    'a scheme with a host and a user': credentials(server, {
      scheme: `postgres://${evil}/app?sslmode=disable&user=`,
    }),
    'a scheme with a search path': credentials(server, {
      scheme: `postgres://app@${evil}/app?sslmode=disable&search_path=`,
    }),
  }
  for (const [title, spec] of Object.entries(tries)) {
    await review(spec)
    notSent(t, server, title)
  }
  t.match(
    await review(tries['a password for a user name']),
    /credentials.userFrom goes only to a known host/,
  )
})

void test('a parameter does not take a password to another host than that of its Secret', async t => {
  const review = await startGate(t)
  const server = await startFakePostgres(t, { session: asking(clearTextRequest) })
  const parameters = { sslmode: 'disable', host: 'localhost' }
  const spec = credentials(server, { hostFrom: keyOf('host'), parameters })
  t.match(await review(spec), /in clear text/)
  notSent(t, server, 'another host')
  const whole = { ...spec, parameters: { sslmode: 'disable' } }
  t.notMatch(
    await review(whole),
    /cannot decide/,
    'host and password of one Secret belong together',
  )
  t.ok(server.received().includes(password))
})

void test('a password goes in clear text over verified TLS to a host that is known, and only so', async t => {
  const { ca } = await fakeCertificate()
  const folder = makeFolder(t, { 'ca.crt': ca })
  const trusted = `database: {tls: [{hosts: [localhost, 127.0.0.*], caFile: '${join(folder, 'ca.crt')}'}]}`
  const server = await startFakePostgres(t, { tls: true, session: asking(clearTextRequest) })
  const spec = credentials(server, { parameters: { sslmode: 'verify-full' } })
  const stored = migration('stored', spec)

  const strange = await startGate(t, [], trusted)
  t.match(await strange(spec), /in clear text/, 'verified, but nobody knows the host')
  const unproven = await startGate(t, [stored])
  t.match(
    await unproven({ ...spec, parameters: { sslmode: 'require' } }),
    /in clear text/,
    'known, but not verified',
  )
  const elsewhere = migration('stored', { ...spec, host: 'db.example' })
  const moved = await startGate(t, [elsewhere], trusted)
  t.match(await moved(spec), /in clear text/, 'the Secret is used with another host')
  notSent(t, server, 'not known or not verified')

  const known = await startGate(t, [stored], trusted)
  t.notMatch(await known(spec), /cannot decide/, 'a stored object uses both')
  t.ok(server.received().includes(password))
})

void test('what database.allowedHosts names is known, and a whole URL goes as its sslmode says', async t => {
  const { ca } = await fakeCertificate()
  const caFile = join(makeFolder(t, { 'ca.crt': ca }), 'ca.crt')
  const server = await startFakePostgres(t, { tls: true, session: asking(clearTextRequest) })
  const limits = { allowedHosts: ['127.0.0.1'], tls: [{ hosts: ['127.0.0.1'], caFile }] }
  const borrowed = { userIsSecret: true, hostIsKnown: () => false }
  const query = ask(server.url('sslmode=require'))
  const url = { ...query.url, borrowed }
  const reader = buildTestReader(t, { limits })
  t.match(await reader.readTable({ ...query, url }, soon()), { kind: 'read' })
  const plain = await startFakePostgres(t, { session: asking(clearTextRequest) })
  t.match(await buildTestReader(t).readTable(ask(plain.url()), soon()), { kind: 'read' })
  t.ok(plain.received().includes('secret'))
})
