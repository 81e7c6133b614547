import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { connect as connectTcp, type Socket } from 'node:net'
import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import t from 'tap'
import { withSum } from '../review/fakes.js'
import { reviewOf } from '../webhook/running-server.js'
import { until } from '../until.js'
import { type AttackedGate, startAttackedGate } from './harness/attacked-gate.js'

t.setTimeout(300_000)
// They mostly wait for what the gate closes in its time.
t.jobs = 2

const MIB = 1024 * 1024
const deletion = reviewOf({ operation: 'DELETE', oldObject: { metadata: {} } })
const good = JSON.stringify(deletion)

/** Generous: the machine may be busy. Attacked, the gate was closed for 31 s. */
const patienceMs = 10_000

/** What /livez may take. It needs a few rounds of the event loop. */
const mostBlockedMs = 250

const head = 'POST /validate?timeout=5s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
const announcing = (bytes: number) => `${head}Content-Length: ${bytes}\r\n\r\n`

function portOf(url: string): number {
  return Number(new URL(url).port)
}

async function open(gate: AttackedGate): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: portOf(gate.url), rejectUnauthorized: false })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

const isOpen = (socket: Socket) => !socket.destroyed && !socket.readableEnded

async function postedWithin(gate: AttackedGate): Promise<number> {
  const begun = performance.now()
  const { response } = await gate.post(deletion)
  if (!response.allowed) throw new Error('a deletion was denied')
  return performance.now() - begun
}

void t.test('bodies that are announced and never come cost nobody an answer', async t => {
  const gate = await startAttackedGate(t)
  const silent = await Promise.all(Array.from({ length: 30 }, () => open(gate)))
  for (const socket of silent) socket.resume().write(announcing(7 * MIB))
  await sleep(200)
  t.ok((await postedWithin(gate)) < patienceMs)
  await until('they are closed', () => !silent.some(isOpen))
})

void t.test(
  'connections without a request are closed, and one that was good for a review is not',
  async t => {
    const gate = await startAttackedGate(t)
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
    t.teardown(() => agent.destroy())
    const call = async () => {
      const sent = request(`${gate.url}/validate?timeout=5s`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        agent,
      })
      sent.end(good)
      const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }]
      response.resume()
      return { status: response.statusCode, port: sent.socket?.localPort }
    }
    const before = await call()
    const silent: Socket[] = []
    for (let round = 0; round < 10; round++) {
      const sockets = Array.from({ length: 40 }, () =>
        connectTcp(portOf(gate.url), '127.0.0.1').on('error', () => {}),
      )
      silent.push(...sockets)
      await Promise.all(sockets.map(socket => once(socket, 'connect')))
    }
    for (const socket of silent) socket.resume()
    await until('what is too much is closed', () => silent.filter(isOpen).length <= 256)
    t.ok((await postedWithin(gate)) < patienceMs)
    await until('none of them is left', () => !silent.some(isOpen))
    t.strictSame(
      await call(),
      { ...before, status: 200 },
      'the same connection serves the next call',
    )
  },
)

type Raw = [title: string, text: string, answer: RegExp]

const post = `${head}Content-Length: ${good.length}\r\n`
const raws: readonly Raw[] = [
  ['garbage', '\u0000\u0001\u0002\r\n\r\n', /^HTTP\/1\.1 400 /],
  [
    'a URL of a megabyte',
    `GET /${'a'.repeat(MIB)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    /^(HTTP\/1\.1 431 |$)/,
  ],
  [
    'ten thousand headers',
    `GET /livez HTTP/1.1\r\n${'a: b\r\n'.repeat(10_000)}\r\n`,
    /^(HTTP\/1\.1 431 |$)/,
  ],
  ['headers that never end', 'GET /livez HTTP/1.1\r\nHost: x\r\n', /^(HTTP\/1\.1 408 |$)/],
  ['a body that never ends', `${announcing(1000)}{`, /^HTTP\/1\.1 503 .*\r\nretry-after: 1\r\n/s],
  ['HTTP/1.0', 'GET /livez HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 200 /],
  ['CONNECT', 'CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n', /^(HTTP\/1\.1 4|$)/],
  [
    'an upgrade',
    'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
    /^HTTP\/1\.1 200 /,
  ],
  ['another content type', post.replace('json', 'xml') + `\r\n${good}`, /^HTTP\/1\.1 415 /],
  ['both lengths', `${post}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, /^HTTP\/1\.1 400 /],
  [
    'chunks with long extensions',
    `${head}Transfer-Encoding: chunked\r\n\r\n${`1;${'x'.repeat(1000)}\r\n{\r\n`.repeat(100)}`,
    /^HTTP\/1\.1 (4|503)/,
  ],
  [
    'an expectation',
    `${post}Expect: 100-continue\r\nConnection: close\r\n\r\n${good}`,
    /^HTTP\/1\.1 100 .*HTTP\/1\.1 200 /s,
  ],
  [
    'another expectation',
    `${post}Expect: magic\r\nConnection: close\r\n\r\n${good}`,
    /^HTTP\/1\.1 417 /,
  ],
  [
    'objects in one another',
    `${head}Content-Length: 200002\r\n\r\n${'['.repeat(200_002)}`,
    /^HTTP\/1\.1 413 /,
  ],
  [
    'calls that do not wait for their answer',
    `${post}\r\n${good}`.repeat(500),
    /^(HTTP\/1\.1 200 |$)/,
  ],
]

void t.test('whatever is sent is answered or cut off, and the next review is answered', async t => {
  const gate = await startAttackedGate(t)
  const liveness = await gate.watchLiveness()
  await Promise.all(
    raws.map(async ([title, text, answer]) => {
      const socket = await open(gate)
      let received = ''
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
      socket.write(text)
      await until(`${title} is closed`, () => !isOpen(socket))
      t.match(received, answer, title)
    }),
  )
  const reset = await open(gate)
  reset.write(`${announcing(MIB)}{"a":`)
  reset.destroy()
  t.ok((await postedWithin(gate)) < patienceMs)
  const { answerMs, blockedMs } = await liveness.stop()
  t.ok(answerMs < patienceMs)
  t.ok(blockedMs < mostBlockedMs, `the event loop turned meanwhile (${blockedMs} ms)`)
  t.ok(gate.isAlive())
})

const file = 'x'.repeat(2.7 * MIB)
const large = JSON.stringify(
  reviewOf({ kind: { kind: 'ConfigMap' }, object: { data: { '1.sql': file } } }),
)

/** The status of one large call. Rejects where the connection broke. */
async function postLarge(gate: AttackedGate, body: string): Promise<number> {
  const sent = request(`${gate.url}/validate?timeout=10s`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': body.length },
    rejectUnauthorized: false,
    agent: false,
  })
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  sent.end(body)
  const [answer] = await answered
  answer.resume()
  const { statusCode, headers } = answer
  if (statusCode === 503 && headers['retry-after'] === undefined)
    throw new Error('503 without Retry-After')
  return Number(statusCode)
}

const values = (text: string) => {
  const filled = Array.from({ length: Math.floor((6 * MIB) / (text.length + 1)) }, () => text)
  return `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","a":[${filled.join(',')}]}`
}

void t.test(
  'large bodies of many clients stay below 280 MiB, and one alone is always taken',
  async t => {
    const gate = await startAttackedGate(t)
    const liveness = await gate.watchLiveness()
    t.equal(
      await postLarge(
        gate,
        JSON.stringify(
          reviewOf({
            kind: { kind: 'ConfigMap' },
            object: { data: { a: file } },
            oldObject: { data: { a: file } },
          }),
        ),
      ),
      200,
    )
    for (let round = 0; round < 3; round++) {
      const statuses = await Promise.all(Array.from({ length: 40 }, () => postLarge(gate, large)))
      t.ok(
        statuses.every(status => status === 200 || status === 503),
        statuses.join(),
      )
      t.ok(statuses.filter(status => status === 200).length >= 20, statuses.join())
    }
    const costly = ['{}', '[]', '0', '{"a":{}}'].map(values)
    for (const status of await Promise.all(costly.map(body => postLarge(gate, body))))
      t.ok(status === 413 || status === 503, `${status}`)
    t.equal(await postLarge(gate, large), 200)
    const { answerMs, blockedMs } = await liveness.stop()
    t.comment(`longest probe ${answerMs} ms at a load of ${loadavg()[0]}`)
    t.ok(blockedMs < mostBlockedMs, `the event loop turned meanwhile (${blockedMs} ms)`)
    t.comment(`peak ${gate.peakMemoryMib()} MiB`)
    t.ok((gate.peakMemoryMib() ?? 0) < 280, `${gate.peakMemoryMib()} MiB`)
  },
)

/** 2 x 1 MiB of data in 8,000 files, most of it characters that kube-apiserver writes as six (`\u003c`). */
function largestUpdate(): string {
  const names = Array.from({ length: 8000 }, (_, index) => `${20_000_000 + index}_a.sql`)
  const text = `-- ${'<'.repeat(44)}${'a'.repeat(5)};\n`
  const managedFields = [
    { fieldsV1: { 'f:data': Object.fromEntries(names.map(name => [`f:${name}`, {}])) } },
  ]
  const metadata = { namespace: 'shop', name: 'files', managedFields }
  const data = withSum(Object.fromEntries(names.map(name => [name, text])))
  const kind = { group: '', version: 'v1', kind: 'ConfigMap' }
  const object = { metadata, data: { ...data, [names[0]!]: 'SELECT 1;' } }
  const update = { kind, operation: 'UPDATE', name: 'files', namespace: 'shop' }
  const review = reviewOf({ ...update, object, oldObject: { metadata, data } })
  return JSON.stringify(review).replaceAll('<', String.raw`\u003c`)
}

void t.test(
  'the largest update of a ConfigMap is judged, also while others send large bodies',
  async t => {
    const spec = {
      url: 'postgres://u:p@127.0.0.1:1/shop',
      dir: { configMapRef: { name: 'files' } },
    }
    const app = {
      apiVersion: 'db.atlasgo.io/v1alpha1',
      kind: 'AtlasMigration',
      metadata: { namespace: 'shop', name: 'schema', generation: 1 },
      spec,
    }
    const gate = await startAttackedGate(t, { objects: [app] })
    const body = largestUpdate()
    t.ok(body.length > 5.5 * MIB && body.length < 7 * MIB, `${body.length / MIB} MiB`)
    const judged = () =>
      gate.run
        .stdout()
        .split('\n')
        .filter(line => line.includes('"name":"files"') && line.includes('"msg":"reviewed"')).length
    t.equal(await postLarge(gate, body), 200)
    await until('it is judged', () => judged() === 1)
    const others = Promise.all(Array.from({ length: 40 }, () => postLarge(gate, large)))
    let status = await postLarge(gate, body)
    // As kube-apiserver does after Retry-After.
    for (let tries = 0; tries < 10 && status === 503; tries++) {
      await sleep(1000)
      status = await postLarge(gate, body)
    }
    t.equal(status, 200)
    await until('it is judged again', () => judged() === 2)
    await others
    t.ok((gate.peakMemoryMib() ?? 0) < 280, `${gate.peakMemoryMib()} MiB`)
  },
)

const junk = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, '']))

void t.test(
  'a ConfigMap with more keys than a directory can have is not judged, as onError says',
  async t => {
    const gate = await startAttackedGate(t, { policy: 'onError: deny\n' })
    const configMap = { group: '', version: 'v1', kind: 'ConfigMap' }
    const write = { kind: configMap, operation: 'UPDATE', name: 'files', namespace: 'shop' }
    const flooded = { ...write, object: { data: junk(130_000) } }
    const { response } = await gate.post(
      reviewOf({ ...flooded, oldObject: { data: { 'a.sql': '' } } }),
    )
    t.match(response, {
      allowed: false,
      status: { code: 503, message: /cannot decide on ConfigMap shop\/files/ },
    })
    const { operation: _, ...rest } = reviewOf({ ...flooded, operation: 'DELETE' })
      .request as Record<string, unknown>
    const deleted = await gate.post({
      ...reviewOf(),
      request: { operation: 'DELETE', uid: 'u-2', ...rest },
    })
    t.equal(deleted.response.allowed, true, 'a deletion is never denied')
  },
)

void t.test('the metrics port takes no more than it can serve', async t => {
  const gate = await startAttackedGate(t, { args: ['--metrics-listen=127.0.0.1:0'] })
  const [metrics = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(gate.run.stdout()) ?? []
  const silent = Array.from({ length: 200 }, () =>
    connectTcp(portOf(metrics), '127.0.0.1')
      .on('error', () => {})
      .resume(),
  )
  const hasty = connectTcp(portOf(metrics), '127.0.0.1')
    .on('error', () => {})
    .resume()
  hasty.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000))
  // On a busy machine a scrape may be cut as one that says nothing, and comes again as Prometheus does. Each has a
  // connection of its own: one that is kept may be closed just when it is used.
  const isScraped = () =>
    fetch(`${metrics}/metrics`, { headers: { connection: 'close' } }).then(
      ({ status }) => status === 200,
      () => false,
    )
  await until('a scrape', isScraped)
  await until('they are closed', () => ![...silent, hasty].some(isOpen))
  await until('another scrape', isScraped)
})
