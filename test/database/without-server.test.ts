import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type Test } from 'tap'
import { buildAddressGuard, type GuardLimits } from '../../src/database/address/address-guard.js'
import {
  ConnectionPool,
  type Pooled,
  type PoolTarget,
} from '../../src/database/pool/connection-pool.js'
import { sendCancelRequest } from '../../src/database/wire/cancel-request.js'
import { connectFault, isTlsError, queryFault } from '../../src/database/fault/database-fault.js'
import { reservePort } from '../../src/database/embedded/embedded-server.js'
import type { ResolveHost } from '../../src/database/address/guarded-socket.js'
import { usualColumns } from '../../src/database/query/revision-rows.js'
import type { TextRow } from '../../src/database/wire/session.js'
import {
  readRevisionsTable,
  transaction,
  timeoutsWithin,
} from '../../src/database/query/table-read.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import type { DatabaseFailure } from '../../src/policy/facts/facts.js'
import { ask, buildTestReader, soon, within, type TestReaderOptions } from './test-reader.js'

/** A server of the test's own; resolves to its port. */
async function listen(t: Test, answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    answer(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

const noConnection = 'no PostgreSQL server could be reached with the URL'

/** Addresses of every name. */
function resolvesTo(...addresses: readonly string[]): ResolveHost {
  return (_, __, done) =>
    done(
      null,
      addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
}

/** Agrees to TLS, then speaks something else. */
function answerTls(socket: Socket): void {
  socket.once('data', () => {
    socket.write('S')
    setTimeout(() => socket.end('no TLS at all'), 20)
  })
}

/** What is asked, and the failure, which users do not see. */
type UnreachableCase = [
  title: string,
  url: (t: Test) => Promise<string>,
  failure: DatabaseFailure,
  options?: TestReaderOptions,
]

const quick = { limits: { connectTimeoutMs: 100 } }

const unreachable: readonly UnreachableCase[] = [
  ['a closed port', async () => `postgres://u:p@127.0.0.1:${await reservePort()}/d`, 'refused'],
  [
    'a server that accepts and is silent',
    async t => `postgres://u:p@127.0.0.1:${await listen(t, () => undefined)}/d`,
    'timeout',
    quick,
  ],
  [
    'a silent server without TLS',
    async t => `postgres://u:p@127.0.0.1:${await listen(t, () => undefined)}/d?sslmode=disable`,
    'timeout',
    quick,
  ],
  [
    'a server that hangs up',
    async t =>
      `postgres://u:p@127.0.0.1:${await listen(t, socket => socket.destroy())}/d?sslmode=disable`,
    'unreachable',
  ],
  [
    'a server of another kind',
    async t =>
      `postgres://u:p@127.0.0.1:${await listen(t, socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))}/d`,
    'unreachable',
  ],
  [
    'a server that agrees to TLS and cannot',
    async t => `postgres://u:p@127.0.0.1:${await listen(t, answerTls)}/d`,
    'unreachable',
  ],
  ['an unknown host', async () => 'postgres://u:p@none.invalid/d', 'unreachable'],
  [
    'a resolver that never answers',
    async () => 'postgres://u:p@slow.example/d',
    'timeout',
    { ...quick, resolveHost: () => undefined },
  ],
  ['a link-local address', async () => 'postgres://u:p@169.254.169.254/d', 'forbidden-address'],
  [
    'a link-local address as IPv6',
    async () => 'postgres://u:p@[::ffff:169.254.169.254]/d',
    'forbidden-address',
  ],
  [
    'a name that resolves to one',
    async () => 'postgres://u:p@db.example/d',
    'forbidden-address',
    { resolveHost: resolvesTo('127.0.0.1', 'fe80::1') },
  ],
  ['a number that resolves to one', async () => 'postgres://u:p@2852039166/d', 'forbidden-address'],
  [
    'a refused address',
    async () => 'postgres://u:p@127.0.0.1/d',
    'forbidden-address',
    { limits: { refusedAddresses: ['127.0.0.0/8'] } },
  ],
  [
    'a host that is not allowed',
    async () => 'postgres://u:p@127.0.0.1/d',
    'forbidden-address',
    { limits: { allowedHosts: ['*.example'] } },
  ],
  [
    'a socket that is allowed and not there',
    async () => 'postgres://u:p@/d?host=/none/pg',
    'unreachable',
    { limits: { allowedHosts: ['/none/*'] } },
  ],
]

void test('Users cannot tell why nothing answers, the log can', async t => {
  for (const [title, url, failure, options] of unreachable) {
    const reported: string[] = []
    const onFailure = (reason: DatabaseFailure) => reported.push(reason)
    const reader = buildTestReader(t, { ...options, onFailure })
    const facts = await reader.readTable(ask(await url(t)), soon())
    t.same(facts, { kind: 'failed', failure, message: noConnection }, title)
    t.same(reported, [failure], `${title}: reported`)
    t.equal(reader.connections(), 0, `${title}: nothing is left open`)
  }
})

void test('A socket is said to be elsewhere, unless its folder is allowed', async t => {
  const elsewhere = { failure: 'socket-elsewhere', message: /Unix socket/ }
  const reader = buildTestReader(t, { limits: { allowedHosts: ['/none/*'] } })
  for (const host of ['/run/postgresql', '@abstract', '/none/../run/postgresql']) {
    const facts = await reader.readTable(ask(`postgres://u:p@/d?host=${host}`), soon())
    t.match(facts, elsewhere, host)
  }
  t.match(
    await reader.readTable(ask('postgres://u:p@/d?host=/none/pg'), soon()),
    { failure: 'unreachable', message: noConnection },
    'an allowed folder',
  )
})

void test('A deadline ends the attempt before the connect timeout does', async t => {
  const port = await listen(t, () => undefined)
  const started = Date.now()
  const reader = buildTestReader(t)
  const query = ask(`postgres://u:p@127.0.0.1:${port}/d?sslmode=prefer`)
  t.match(await reader.readTable(query, within(100)), { failure: 'timeout', message: noConnection })
  t.ok(Date.now() - started < 15_000)
  t.equal(await reader.readIdentity(query.url, within(50)), null)
  t.match(
    await reader.readTable(query, within(0)),
    { failure: 'timeout' },
    'also when it has passed',
  )
})

/** Allowed hosts, host, address, and whether it may be connected to. */
type GuardCase = [allowed: readonly string[], host: string, address: string, allows: boolean]

const guardCases: readonly GuardCase[] = [
  [[], 'db', '10.0.0.1', true],
  [[], 'db', '127.0.0.1', true],
  [[], 'db', 'fd00::1', true],
  [[], 'db', '169.254.0.1', false],
  [[], 'db', '::ffff:169.254.0.1', false],
  [[], 'db', '::ffff:a9fe:a9fe', false],
  [[], 'db', '64:ff9b::a9fe:a9fe', false],
  [[], 'db', 'fe80::1%eth0', false],
  [[], 'db', 'fd00:ec2::254', false],
  [[], 'db', '100.100.100.200', false],
  [[], 'db', '0.0.0.0', false],
  [[], 'db', '::', false],
  [[], 'db', '224.0.0.1', false],
  [[], 'db', 'ff02::1', false],
  [[], 'db', '255.255.255.255', false],
  [['10.0.0.0/8'], 'db', '10.1.2.3', true],
  [['10.0.0.0/8'], 'db', '11.1.2.3', false],
  [['10.0.0.7'], 'db', '10.0.0.7', true],
  [['fd00::/8'], 'db', 'fd00::1', true],
  [['*.example'], 'DB.Example', '1.2.3.4', true],
  [['db-?.example'], 'db-10.example', '1.2.3.4', false],
  [['0.0.0.0/0', '*'], 'db', '169.254.169.254', false],
  [['10.0.0.0/99'], 'db', '10.0.0.1', false],
  [[], 'db', 'fd00:ec2::23', false],
  [[], 'db', 'fd20:ce::254', false],
  [[], 'db', '168.63.129.16', false],
  [[], 'db', '192.0.0.192', false],
  [[], 'db', '169.254.42.42', false],
  [[], 'db', 'fd00:42::42', false],
  // IPv4-translated: the address that is reached decides.
  [[], 'db', '::ffff:0:169.254.169.254', false],
  [[], 'db', '::ffff:0:c000:c0', false],
  [[], 'db', '::ffff:0:10.0.0.1', true],
  [['10.0.0.0/8'], 'db', '::ffff:0:11.0.0.1', false],
  [[], 'db', '::1', true],
  [[], 'db', '2001:db8::1', true],
  [[], 'db', '::ffff:10.0.0.1', true],
  [['10.0.0.0/8'], 'db', '::ffff:10.0.0.1', true],
  [['10.0.0.0/8'], 'db', '::ffff:0b00:1', false],
  // IPv4-compatible, 6to4 and Teredo lead to no database, whatever they hold.
  [[], 'db', '::169.254.169.254', false],
  [[], 'db', '::10.0.0.1', false],
  [[], 'db', '2002:a9fe:a9fe::1', false],
  [[], 'db', '2002:a00:1::1', false],
  [[], 'db', '2001:0:a00:1::5601:5601', false],
  // NAT64: the address that is reached decides.
  [[], 'db', '64:ff9b::10.0.0.1', true],
  [[], 'db', '64:ff9b::168.63.129.16', false],
  [['10.0.0.0/8'], 'db', '64:ff9b::a00:1', true],
  [['10.0.0.0/8'], 'db', '64:ff9b::b00:1', false],
  [['64:ff9b::/96'], 'db', '64:ff9b::b00:1', true],
  [[], 'db', '64:ff9b:2::a9fe:a9fe', true],
  // The local prefix, cut after 48, 56, 64 and 96 bits.
  [[], 'db', '64:ff9b:1:a9fe:a9:fe00::', false],
  [[], 'db', '64:ff9b:1:a9:fe:a9fe::', false],
  [[], 'db', '64:ff9b:1:0:a9:fea9:fe00:0', false],
  [[], 'db', '64:ff9b:1::169.254.169.254', false],
  [[], 'db', '64:ff9b:1::10.0.0.1', true],
  [['10.0.0.0/8'], 'db', '64:ff9b:1::10.0.0.1', true],
  [['10.0.0.0/8'], 'db', '64:ff9b:1:b00:0:100::10.0.0.1', false],
  [[], 'db', '64:ff9b:1::', false],
  [[], 'db', '64:ff9b:1:a00:0:100::', true],
]

function limitsOf(
  allowedHosts: readonly string[],
  ownAddresses: GuardLimits['ownAddresses'] = 'allowed',
): GuardLimits {
  return { allowedHosts, refusedAddresses: [], ownAddresses }
}

void test('In a pod nothing of its own is connected to unless an allowed host names it', t => {
  const pod = ['10.1.2.3', 'fd00::3']
  const guard = buildAddressGuard(limitsOf([], 'refused'), pod)
  const own = ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', ...pod]
  for (const address of [...own, '::ffff:10.1.2.3'])
    t.equal(guard.allows('db', address), false, address)
  t.equal(guard.allows('db', '10.1.2.4'), true)
  const named = buildAddressGuard(
    limitsOf(['127.0.0.1', '10.1.2.0/24', 'side-car'], 'refused'),
    pod,
  )
  t.equal(named.allows('db', '127.0.0.1'), true)
  t.equal(named.allows('db', '10.1.2.3'), true)
  t.equal(named.allows('side-car', '::1'), true)
  t.equal(named.allows('db', '127.0.0.2'), false)
  t.equal(buildAddressGuard(limitsOf([], 'auto'), pod).allows('db', '10.1.2.3'), true)
  t.end()
})

void test('With own addresses refused a database on loopback is not reached', async t => {
  let connections = 0
  const port = await listen(t, () => (connections += 1))
  const reader = buildTestReader(t, { limits: { ownAddresses: 'refused' } })
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:7f00:1]'])
    t.match(await reader.readTable(ask(`postgres://u:p@${host}:${port}/d`), soon()), {
      failure: 'forbidden-address',
      message: noConnection,
    })
  t.equal(connections, 0)
})

void test('The guard keeps link-local, metadata and group addresses away whatever is allowed', t => {
  for (const [allowedHosts, host, address, allows] of guardCases) {
    const guard = buildAddressGuard(limitsOf(allowedHosts))
    t.equal(guard.allows(host, address), allows, `${allowedHosts.join()} ${host} ${address}`)
  }
  const sockets = buildAddressGuard(limitsOf(['/run/*']))
  t.equal(sockets.allowsSocket('/run/postgresql'), true)
  t.equal(sockets.allowsSocket('/var/run'), false)
  t.equal(buildAddressGuard(limitsOf([])).allowsSocket('/run'), false)
  t.end()
})

interface FakeConnection extends Pooled {
  ended: boolean
  close: () => void
}

function buildConnection(settled = true): FakeConnection {
  const connection: FakeConnection = {
    ended: false,
    close: () => undefined,
    settled: async () => settled,
    end: () => (connection.ended = true),
    onClose: callback => (connection.close = callback),
  }
  return connection
}

/** Each in a namespace and on a server of its own, so that no share is in the way. */
function targetOf(key: string, user: Partial<PoolTarget> = {}): PoolTarget {
  return { key, namespace: key, host: key, ...user }
}

void test('The longest unused connection gives way to another target', async t => {
  const pool = new ConnectionPool<FakeConnection>({ perTarget: 2, total: 2, idleMs: 60_000 })
  const { signal } = new AbortController()
  const [a, b, c] = [buildConnection(), buildConnection(), buildConnection()]
  await pool.take(targetOf('a'), async () => a, signal)
  await pool.take(targetOf('b'), async () => b, signal)
  await pool.giveBack(targetOf('a'), a)
  await pool.giveBack(targetOf('b'), b)
  t.same(await pool.take(targetOf('c'), async () => c, signal), { connection: c, reused: false })
  t.same([a.ended, b.ended, pool.size], [true, false, 2])
  t.same(await pool.take(targetOf('b'), async () => c, signal), { connection: b, reused: true })
  b.close()
  t.equal(b.ended, false, 'one in use is the business of its user')
  await pool.giveBack(targetOf('b'), b)
  b.close()
  t.same([b.ended, pool.size], [true, 1], 'an idle one is forgotten when it closes')
  pool.close()
  await pool.giveBack(targetOf('c'), c)
  t.same([c.ended, pool.size], [true, 0], 'after the end nothing is kept')
})

void test('Whoever waits gets what is given back, or the end of the signal', async t => {
  const pool = new ConnectionPool<FakeConnection>({ perTarget: 1, total: 9, idleMs: 60_000 })
  const patient = new AbortController()
  const impatient = new AbortController()
  const broken = buildConnection(false)
  await pool.take(targetOf('a'), async () => broken, patient.signal)
  const fresh = buildConnection()
  const waiting = pool.take(targetOf('a'), async () => fresh, patient.signal)
  const giving = t.rejects(
    pool.take(targetOf('a'), async () => fresh, impatient.signal),
    { message: 'enough' },
  )
  impatient.abort(new Error('enough'))
  await giving
  await pool.giveBack(targetOf('a'), broken)
  t.equal(broken.ended, true, 'what does not settle is ended')
  t.same(await waiting, { connection: fresh, reused: false })
  const failing = pool.take(targetOf('b'), () => Promise.reject(new Error('no')), patient.signal)
  await t.rejects(failing, { message: 'no' })
  t.equal(pool.size, 1)
})

void test('A cancel request that does not get through is given up', async t => {
  const rest = { ssl: {}, host: 'h', processId: 1, secretKey: 2 }
  await sendCancelRequest({ address: { path: '/none/socket' }, ...rest }, 1000)
  const port = await listen(t, () => undefined)
  await sendCancelRequest({ address: { host: '127.0.0.1', port }, ...rest }, 50)
  t.pass('neither throws nor hangs')
})

/** The catalog's answer for a table as Atlas makes it. */
const catalog = {
  system: '7',
  database: '5',
  cockroach: null as string | null,
  locked: false,
  columns: usualColumns as readonly string[] | null,
  schemaUsable: true,
  tableReadable: true,
  defaultTable: true,
  elsewhere: [],
  schemas: [],
}

/** Reads over a session that gives these answers in turn. */
function readOver(answers: readonly (Partial<typeof catalog> | Error)[]) {
  const left = [...answers]
  const query = async (): Promise<readonly (readonly TextRow[])[]> => {
    const answer = left.shift()
    if (answer instanceof Error) throw answer
    return [[], [], [[JSON.stringify({ ...catalog, ...answer })]], []]
  }
  const { url: _, ...question } = ask('')
  const { signal } = new AbortController()
  const limits = defaultSettings.database
  const reading = { session: { query }, question, limits, signal, remainingMs: () => 1000 }
  return readRevisionsTable(reading, { shape: usualColumns, hasRows: true })
}

void test('A server that only speaks the protocol, and a table that keeps changing, are not read', async t => {
  const missing = Object.assign(new Error('no table'), { code: '42P01' })
  t.match(await readOver([missing, { columns: null }]), {
    table: { revisions: null },
    guess: { shape: null, hasRows: false },
  })
  await t.rejects(readOver([{ cockroach: 'v24' }]), { message: 'CockroachDB is not read' })
  await t.rejects(readOver([missing, {}, missing, {}, missing]), {
    failure: 'other',
    message: 'the revisions table changed while it was read',
  })
})

void test('Errors without a known code keep their cause', t => {
  const cause = new Error('odd')
  t.match(queryFault(cause), {
    failure: 'other',
    cause,
    message: 'the database failed while it was read',
  })
  t.match(queryFault('odd'), { failure: 'other' })
  t.match(connectFault('odd'), { failure: 'unreachable' })
  t.match(connectFault(Object.assign(cause, { code: 7 })), { failure: 'unreachable' })
  t.match(connectFault(Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' })), {
    failure: 'tls',
  })
  t.equal(isTlsError('odd'), false)
  t.equal(isTlsError(Object.assign(new Error('x'), { code: 'EPROTO' })), true)
  t.end()
})

void test('Timeouts of the server end with the deadline and never mean "none"', t => {
  const limits = { ...defaultSettings.database, statementTimeoutMs: 3000, lockTimeoutMs: 500 }
  t.same(timeoutsWithin(limits, 10_000), { statementMs: 3000, lockMs: 500 })
  t.same(timeoutsWithin(limits, 250.7), { statementMs: 250, lockMs: 250 })
  t.same(timeoutsWithin(limits, -5), { statementMs: 1, lockMs: 1 })
  t.match(
    transaction(['SELECT 1'], { statementMs: 7, lockMs: 5 }),
    /^BEGIN .*READ ONLY; .*'statement_timeout', '7'.*; SELECT 1; COMMIT$/,
  )
  t.end()
})
