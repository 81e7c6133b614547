import { once } from 'node:events'
import { Agent, request } from 'node:https'
import { Socket, type AddressInfo } from 'node:net'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { readdirSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { buildClientErrorAnswer } from '../../src/webhook/answers/connection-errors.js'
import { ErrorReports } from '../../src/webhook/answers/error-reports.js'
import { drain } from '../../src/webhook/app/drain.js'
import type { WebhookServer } from '../../src/webhook/app/webhook-server.js'
import {
  buildTestServer,
  call,
  issued,
  pass,
  postReview,
  reviewOf,
  type Review,
  type TestServer,
} from './running-server.js'
import { until } from '../until.js'

const review = JSON.stringify(reviewOf())

async function listen(t: Test, ...args: Parameters<typeof buildTestServer>): Promise<TestServer> {
  const server = buildTestServer(...args)
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => drain(server.app, { delayMs: 0, maxMs: 0 }))
  return server
}

function portOf(app: WebhookServer): number {
  return (app.server.address() as AddressInfo).port
}

async function connectTo(app: WebhookServer, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: portOf(app), ca: issued.ca, ...options })
  await once(socket, 'secureConnect')
  return socket
}

/** Everything the server sends until it closes the connection. */
async function readAll(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => {})
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

/** A review that waits until the test lets it go. */
function heldReview(): { review: Review; started: Promise<void>; release: () => void } {
  let release = () => {}
  let begin = () => {}
  const gate = new Promise<void>(resolve => (release = resolve))
  const started = new Promise<void>(resolve => (begin = resolve))
  const review: Review = async () => {
    begin()
    await gate
    return pass
  }
  return { review, started, release }
}

void t.test('TLS 1.2 and 1.3 with HTTP/1.1 are spoken, nothing older and no HTTP/2', async t => {
  const { app } = await listen(t, () => pass)
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const ALPNProtocols = ['h2', 'http/1.1']
    const options = { minVersion: version, maxVersion: version, ALPNProtocols }
    const socket = await connectTo(app, options)
    t.equal(socket.getProtocol(), version)
    t.equal(socket.alpnProtocol, 'http/1.1')
    socket.destroy()
  }
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  await t.rejects(connectTo(app, old), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })
  await t.rejects(connectTo(app, { ALPNProtocols: ['h2'] }), {
    code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
  })
})

void t.test('reviews share a connection that outlives an idle API server', async t => {
  const { app } = await listen(t, () => pass)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const connections = new Set<unknown>()
  app.server.on('connection', socket => connections.add(socket))
  const folder = 'test/fixtures/reviews'
  for (const file of readdirSync(folder)) {
    const body = readFileSync(`${folder}/${file}`, 'utf8')
    const answer = await call(app, { ...postReview, agent }, body)
    const { uid } = (JSON.parse(body) as { request: { uid: string } }).request
    t.match(JSON.parse(answer.body), { response: { uid, allowed: true } }, file)
    // kube-apiserver keeps an idle connection for 90 s: the server must not close it first.
    t.equal(answer.headers['keep-alive'], 'timeout=95')
  }
  t.equal(connections.size, 1)
})

void t.test('drain fails no call', async t => {
  const { review: held, started, release } = heldReview()
  const server = await listen(t, request => (request.name === 'slow' ? held(request, never) : pass))
  const { app } = server
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const idle = await call(app, { ...postReview, agent }, review)
  t.equal(idle.headers.connection, 'keep-alive')
  const slow = call(app, { ...postReview, agent }, JSON.stringify(reviewOf({ name: 'slow' })))
  await started
  await call(app, { ...postReview, agent: new Agent({ keepAlive: true }) }, review)

  const port = portOf(app)
  const begun = performance.now()
  const drained = drain(app, { delayMs: 500, maxMs: 5000 })
  const ready = await call(app, { path: '/readyz' })
  t.equal(ready.status, 503, 'readiness is off at once')
  const meanwhile = await call(app, postReview, review)
  t.equal(meanwhile.status, 200, 'reviews are served during the delay')
  t.equal(meanwhile.headers.connection, 'close', 'and ask the client to move on')
  await until('a closed port', () => !app.server.listening)
  const refused = connect({ host: '127.0.0.1', port })
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException]
  t.equal(error.code, 'ECONNREFUSED', 'no new connection once the delay is over')
  release()
  const answer = await slow
  t.equal(answer.status, 200, 'the request in flight ends well')
  t.equal(answer.headers.connection, 'close')
  t.equal(await drained, 0)
  t.ok(performance.now() - begun < 4000, 'idle connections are not waited for')
})

const never = { at: 0, signal: new AbortController().signal }

void t.test('drain ends in time even if a review or a silent connection does not', async t => {
  const { review: held, started } = heldReview()
  const { app } = await listen(t, held)
  const silent = await connectTo(app)
  silent.on('error', () => {})
  const hung = t.rejects(call(app, postReview, review), { code: 'ECONNRESET' })
  await started
  t.equal(await drain(app, { delayMs: 0, maxMs: 100 }), 2)
  await hung
})

void t.test('a client that goes away within the body does no harm', async t => {
  const { app, samples, lines } = await listen(t, () => pass)
  const socket = await connectTo(app)
  socket.write(
    'POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{"a":',
  )
  const inFlight = 'atlas_admission_requests_in_flight'
  await until('one call in flight', async () => (await samples(inFlight))[0] === `${inFlight} 1`)
  socket.destroy()
  await until('no call in flight', async () => (await samples(inFlight))[0] === `${inFlight} 0`)
  t.match(JSON.parse(lines[0] as string), { code: 'ATLAS_ADMISSION_BODY_INCOMPLETE' })
  t.equal((await call(app, postReview, review)).status, 200)
})

void t.test('a review is aborted when its client is gone, and only then', async t => {
  const signals: AbortSignal[] = []
  const { app } = await listen(t, async (request, { signal }) => {
    signals.push(signal)
    if (request.name === 'slow') await once(signal, 'abort')
    return pass
  })
  await call(app, postReview, review)
  const sent = request({ ...postReview, host: '127.0.0.1', port: portOf(app), ca: issued.ca })
  sent.on('error', () => {})
  sent.end(JSON.stringify(reviewOf({ name: 'slow' })))
  await until('two calls', () => signals.length === 2)
  sent.destroy()
  await until('an aborted call', () => signals[1]?.aborted)
  t.notOk(signals[0]?.aborted, 'an answered review is not aborted afterwards')
})

type RawCall = [title: string, text: string, status: number, code: string]

const post = 'POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
const chunk = `${(1024 * 1024).toString(16)}\r\n${'x'.repeat(1024 * 1024)}\r\n`
const rawCalls: RawCall[] = [
  ['what is no HTTP', 'hello\r\n\r\n', 400, 'BAD_HTTP'],
  [
    'headers without end',
    `GET /livez HTTP/1.1\r\nA: ${'a'.repeat(20_000)}`,
    431,
    'HEADERS_TOO_LARGE',
  ],
  ['headers that never end', 'GET /livez HTTP/1.1\r\n', 408, 'REQUEST_TIMEOUT'],
  ['a body that never ends', `${post}Content-Length: 9\r\n\r\n{`, 408, 'REQUEST_TIMEOUT'],
  ['a body that is never read to its end', `${post}Content-Length: 9\r\n\r\n{`, 503, 'BODY_SLOW'],
  [
    'a body that is announced too large',
    `${post}Content-Length: 7340033\r\n\r\n`,
    413,
    'BODY_TOO_LARGE',
  ],
  [
    'chunks that become too large',
    `${post}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(7)}1\r\nx\r\n`,
    413,
    'BODY_TOO_LARGE',
  ],
]

void t.test('what is wrong with a connection is said in one JSON line', async t => {
  const limits = { headersTimeoutMs: 150, requestTimeoutMs: 200, connectionsCheckMs: 50 }
  const hasty = await listen(t, () => pass, { limits })
  const usual = await listen(t, () => pass)
  for (const [title, text, status, code] of rawCalls) {
    const { app } = status === 408 ? hasty : usual
    const socket = await connectTo(app)
    const received = readAll(socket)
    socket.write(text)
    const [head, body] = (await received).split('\r\n\r\n') as [string, string]
    t.match(head, new RegExp(`^HTTP/1.1 ${status} `), title)
    t.match(head.toLowerCase(), 'connection: close', title)
    t.match(body, new RegExp(`^\\{"code":"ATLAS_ADMISSION_${code}",[^\\n]*\\}\\n`), title)
  }
  for (const { app } of [hasty, usual]) t.equal((await call(app, postReview, review)).status, 200)
})

void t.test('a request that its sender cuts short is answered if he still listens', async t => {
  const { app, samples } = await listen(t, () => pass)
  const socket = await connectTo(app)
  const received = readAll(socket)
  socket.end(`${post}Content-Length: 9\r\n\r\n{`)
  t.match(await received, /^HTTP\/1.1 400 .*"code":"ATLAS_ADMISSION_BODY_INCOMPLETE"/s)
  await until('no call in flight', async () =>
    (await samples('atlas_admission_requests_in_flight'))[0]?.endsWith(' 0'),
  )
})

void t.test('a connection that is gone gets no answer', t => {
  const { log, metrics, lines } = buildTestServer(() => pass)
  const answer = buildClientErrorAnswer(new ErrorReports({ log, metrics }))
  const reset = new Socket()
  answer(Object.assign(new Error('reset'), { code: 'ECONNRESET' }), reset)
  t.ok(reset.destroyed)
  const ended = new Socket().destroy()
  answer(new Error('late'), ended)
  t.strictSame(lines, [])
  t.end()
})
