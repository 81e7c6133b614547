import { setTimeout as sleep } from 'node:timers/promises'
import { t, test, type Test } from 'tap'
import { ask, buildTestReader, soon, within } from '../database/test-reader.js'
import {
  authentication,
  backendKey,
  clearTextRequest,
  complete,
  dataRow,
  errorResponse,
  loginAccepted,
  md5Request,
  message,
  notice,
  parameterStatus,
  ready,
  rowDescription,
  saslRequest,
  tableAnswer,
  text,
  usualRow,
  welcome,
} from './harness/fake-messages.js'
import {
  startFakePostgres,
  type Act,
  type FakePostgres,
  type Wire,
} from './harness/fake-postgres.js'

// Each of a few hundred servers is given some seconds, and a busy machine makes more of them.
t.setTimeout(300_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=300000')
// They mostly wait.
t.jobs = 3

const mib = 1024 * 1024

/** Lets everybody in and answers every question. */
const honest: Act = async wire => {
  wire.send(welcome)
  for (;;) {
    await wire.until('Q')
    wire.send(tableAnswer(usualRow))
  }
}

function urlOf(server: FakePostgres, tls: boolean): string {
  return server.url(tls ? 'sslmode=require' : 'sslmode=disable')
}

/** Long enough for a busy machine; a connection that is still there then is one that stays. */
async function untilNone(t: Test, reader: { connections(): number }, name = ''): Promise<void> {
  for (let count = 0; count < 500 && reader.connections() > 0; count++) await sleep(20)
  t.equal(reader.connections(), 0, `${name}: no connection is left`)
}

for (const tls of [false, true]) {
  const way = tls ? 'over TLS' : 'without TLS'
  void test(`the fake server is read as a real one ${way}`, async t => {
    const server = await startFakePostgres(t, { tls, session: honest })
    const facts = await buildTestReader(t).readTable(ask(urlOf(server, tls)), soon())
    t.match(facts, { kind: 'read', revisions: [{ version: '20240101000000' }] })
  })
}

/** What a server does that means harm, at a point where it is its turn to speak. */
const attacks: Readonly<Record<string, Act>> = {
  'is silent': () => undefined,
  closes: wire => wire.end(),
  resets: wire => wire.reset(),
  'sends garbage': wire =>
    wire.send(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\nno such thing\r\n')),
  'announces a huge message': wire => wire.send(message('D', Buffer.alloc(20), 0x7fffffff)),
  'announces a huge error': wire => wire.send(message('E', Buffer.alloc(20), 0x7fffffff)),
  'announces a negative length': wire => wire.send(message('D', Buffer.alloc(20), -5)),
  'announces no length': wire => wire.send(message('C', Buffer.alloc(20), 0)),
  'sends an error': wire => wire.send(errorResponse('XX000', 'no')),
  'sends an error named constructor': wire => wire.send(errorResponse('constructor', 'no')),
  'sends an error without an end': wire => wire.send(message('E', Buffer.from('Mno')), ready),
  'sends an empty error': wire => wire.send(message('E'), ready),
  'sends a notice without an end': wire => wire.send(message('N', Buffer.from('M')), ready),
  'asks for a login again': wire => wire.send(clearTextRequest, saslRequest, loginAccepted),
  'asks for an MD5 password': wire => wire.send(md5Request, md5Request),
  'asks for an unknown login': wire => wire.send(authentication(9)),
  'begins COPY in': wire => wire.send(message('G', Buffer.from([0, 0, 0]))),
  'begins COPY out': wire => wire.send(message('H', Buffer.from([0, 0, 0]))),
  'begins COPY both': wire => wire.send(message('W', Buffer.from([0, 0, 0]))),
  'sends copied data': wire => wire.send(message('d', Buffer.alloc(9))),
  'sends half a message': wire => wire.send(notice('half').subarray(0, 12)),
  'sends half a header': wire => wire.send(Buffer.from('D')),
  'sends an unknown type': wire => wire.send(message('?', Buffer.alloc(4))),
  'sends a row without columns': wire => wire.send(dataRow('a'), complete('SELECT 1'), ready),
  'sends a negative column count': wire =>
    wire.send(message('T', Buffer.from([0xff, 0xff])), ready),
  'sends a row that claims more values': wire =>
    wire.send(rowDescription('a'), message('D', Buffer.from([0x7f, 0xff])), ready),
  'sends a value that claims more bytes': wire =>
    wire.send(
      rowDescription('a'),
      message('D', Buffer.from([0, 1, 0x7f, 0xff, 0xff, 0xff])),
      ready,
    ),
  'sends an answer that is no list': wire =>
    wire.send(rowDescription('a'), dataRow('null'), complete('SELECT 1'), ready),
  'is ready at once': wire => wire.send(ready, ready, ready),
  'sends rows without end': wire => endless(wire, dataRow('a'.repeat(60_000)), rowDescription('a')),
  'sends small rows without end': wire => endless(wire, dataRow(null), rowDescription('a')),
  'sends one row without end': wire =>
    endless(
      wire,
      Buffer.alloc(64 * 1024, 97),
      rowDescription('a'),
      message('D', Buffer.from([0, 1]), 64 * mib),
    ),
  'sends results without end': wire =>
    endless(wire, Buffer.concat([rowDescription(), complete('SELECT 0')])),
  'sends notices without end': wire => endless(wire, notice('look')),
  'sends long notices without end': wire => endless(wire, notice('look'.repeat(10_000))),
  'sends settings without end': wire => endless(wire, parameterStatus('name', 'value')),
  'sends notifications without end': wire =>
    endless(wire, message('A', Buffer.concat([Buffer.alloc(4), text('a'), text('b')]))),
  'sends an error text without end': wire =>
    endless(wire, Buffer.alloc(64 * 1024, 97), message('E', Buffer.from('M'), 0x7fffff00)),
}

function endless(wire: Wire, data: Buffer, ...first: readonly Buffer[]): Promise<void> {
  wire.send(...first)
  const repeats = Math.max(1, Math.floor((64 * 1024) / data.length))
  return wire.sendForever(Buffer.concat(Array.from({ length: repeats }, () => data)))
}

/** Where in its life a connection is attacked. */
const points: Readonly<Record<string, (attack: Act) => { session: Act; cancel?: Act }>> = {
  'at the start': attack => ({ session: attack }),
  'at a query': attack => ({
    session: async wire => {
      wire.send(welcome)
      await wire.until('Q')
      await attack(wire)
    },
  }),
  'at a cancel request': attack => ({
    session: async wire => {
      wire.send(welcome)
      await wire.until('Q')
    },
    cancel: attack,
  }),
  'at the end': attack => ({
    session: async wire => {
      wire.send(welcome)
      await wire.until('Q')
      wire.send(tableAnswer(usualRow))
      await wire.until('X')
      await attack(wire)
    },
  }),
  'between two queries': attack => ({
    session: async wire => {
      wire.send(welcome)
      await wire.until('Q')
      wire.send(tableAnswer(usualRow))
      await attack(wire)
    },
  }),
}

/** What a server may send until it is cut off: an answer of 100 rows, what is on its way in buffers, and no more. */
const mostSent = 24 * mib

for (const [point, at] of Object.entries(points)) {
  for (const tls of [false, true]) {
    void test(`a server that means harm ${point} ${tls ? 'over TLS' : 'without TLS'} harms only itself`, async t => {
      t.setTimeout(200_000)
      let cancelRequests = 0
      await Promise.all(
        Object.entries(attacks).map(async ([name, attack], index) => {
          const server = await startFakePostgres(t, { tls, ...at(attack) })
          const limits = { maxRows: 100, connectTimeoutMs: 3000, idleTimeoutMs: 300 }
          const reader = buildTestReader(t, { limits })
          // One after the other, so that a busy machine gets the requests to cancel through.
          const deadline = within(1500 + index * 100)
          const facts = await reader.readTable(ask(urlOf(server, tls)), deadline)
          t.ok(facts.kind === 'failed' || /end|between/.test(point), `${name}: ${facts.kind}`)
          await reader.close()
          await untilNone(t, reader, name)
          t.ok(server.sent() < mostSent, `${name}: ${server.sent()} bytes were sent`)
          cancelRequests += server.cancelRequests()
        }),
      )
      if (/cancel/.test(point)) t.ok(cancelRequests > 0, 'requests to cancel had arrived')
    })
  }
}

void test('a reset of the request to cancel, over TLS, cannot end the process', async t => {
  const server = await startFakePostgres(t, {
    tls: true,
    session: async wire => {
      wire.send(welcome)
      await wire.until('Q')
    },
    cancel: wire => wire.reset(),
  })
  const reader = buildTestReader(t)
  // On a busy machine the request may not get through in time: it is given up then.
  for (let count = 0; count < 20 && server.cancelRequests() === 0; count++) {
    const facts = await reader.readTable(ask(urlOf(server, true)), within(1000))
    t.match(facts, { kind: 'failed', failure: 'timeout' })
  }
  await untilNone(t, reader)
  t.ok(server.cancelRequests() > 0, 'a request had arrived')
})

void test('what a hostile server holds does not keep another database from being read', async t => {
  const hostile = await startFakePostgres(t, {
    session: async wire => {
      wire.send(loginAccepted, backendKey, ready)
      await wire.until('Q')
      await endless(wire, dataRow('a'.repeat(1000)), rowDescription('a'))
    },
  })
  const good = await startFakePostgres(t, { session: honest })
  const reader = buildTestReader(t)
  const reads = Array.from({ length: 6 }, (_, index) =>
    reader.readTable(ask(hostile.url(`sslmode=disable&application_name=${index}`)), soon()),
  )
  t.match(await reader.readTable(ask(good.url()), soon()), { kind: 'read' })
  for (const facts of await Promise.all(reads))
    t.match(facts, { kind: 'failed', failure: 'unsupported', message: /database.maxRows/ })
})
