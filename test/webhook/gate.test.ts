import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, connect } from 'node:net'
import { request } from 'node:https'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import t, { type Test } from 'tap'
import { type GateOptions, startGate } from '../../src/webhook/gate.js'
import { ListenError } from '../../src/webhook/listen-error.js'
import { buildLogger } from '../../src/webhook/logger.js'
import { Metrics } from '../../src/webhook/metrics/metrics.js'
import { CertificateError } from '../../src/webhook/tls/tls.js'
import { issueSelfSigned } from '../../src/webhook/tls/self-signed.js'
import { issued, pass, reviewOf, undecided } from './running-server.js'
import { until } from '../until.js'

const anyPort = { host: '127.0.0.1', port: 0 }

const plain: GateOptions = {
  listen: anyPort,
  metricsListen: null,
  certificateFiles: null,
  drainDelayMs: 0,
}

/** The gate around a review that a test may hold up. */
async function open(options: Partial<GateOptions> = {}, review = async () => pass) {
  const lines: string[] = []
  const log = buildLogger({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const metrics = new Metrics({ version: '1.2.3', processMetrics: false })
  const gate = await startGate(
    { ...plain, ...options },
    {
      reviewer: { review },
      rewriter: { review },
      onFailure: () => undecided,
      log,
      metrics,
      checks: { startup: [], readiness: [] },
    },
  )
  return { gate, lines }
}

async function get(url: string, ca: string | null): Promise<number | undefined> {
  const sent = request(url, { ...(ca === null ? {} : { ca }), agent: false })
  sent.end()
  const [response] = (await once(sent, 'response')) as [{ statusCode?: number; resume(): void }]
  response.resume()
  return response.statusCode
}

/** A port that is in use until the test ends. */
async function takePort(t: Test): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

async function isOpen(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const isOpen = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false)
  socket.destroy()
  return isOpen
}

void t.test('serves with a certificate of its own, and metrics beside', async t => {
  const { gate } = await open({ metricsListen: anyPort })
  t.match(gate.url, /^https:\/\/127\.0\.0\.1:\d+$/)
  t.equal(await get(`${gate.url}/readyz`, gate.authority), 200)
  t.equal((await fetch(`${gate.metricsUrl}/metrics`)).status, 200)
  await gate.stop()
  t.equal(await isOpen(gate.url), false)
  t.equal(await isOpen(gate.metricsUrl as string), false)
})

void t.test('the certificate of its own names the host that it listens on', async t => {
  for (const host of ['localhost', '127.0.0.2']) {
    const { gate } = await open({ listen: { host, port: 0 } })
    t.equal(await get(`${gate.url}/livez`, gate.authority), 200, host)
    t.equal(gate.metricsUrl, null)
    await gate.stop()
  }
})

void t.test(
  'a host that no certificate could name is still one that cannot be listened on',
  async t => {
    for (const host of ['bücher.invalid', '*'])
      await t.rejects(open({ listen: { host, port: 1 } }), ListenError, host)
  },
)

void t.test('an address of the network card is written without its zone', async t => {
  await t.rejects(open({ listen: { host: 'fe80::1%nocard', port: 0 } }), ListenError)
})

void t.test('a port that is taken is named with its option, and nothing stays open', async t => {
  const port = await takePort(t)
  const taken = { host: '127.0.0.1', port }
  await t.rejects(open({ listen: taken }), {
    code: 'ATLAS_ADMISSION_LISTEN',
    message: `127.0.0.1:${port} is taken by another process; stop it or choose another with --listen`,
  })
  await t.rejects(open({ metricsListen: taken }), {
    message: `127.0.0.1:${port} is taken by another process; stop it or choose another with --metrics-listen`,
  })
})

type Reason = [code: string, message: string]

const reasons: readonly Reason[] = [
  ['EACCES', 'no permission to listen on [::1]:80; choose a port above 1023 with --listen'],
  ['EADDRNOTAVAIL', '[::1]:80 is no address of this machine; choose another with --listen'],
  ['ENOTFOUND', 'cannot listen on [::1]:80 (ENOTFOUND); check --listen'],
]

for (const [code, message] of reasons)
  void t.test(`why a port cannot be had: ${code}`, async t => {
    const cause = Object.assign(new Error(), { code })
    const error = new ListenError({
      endpoint: { host: '::1', port: 80 },
      option: '--listen',
      cause,
    })
    t.equal(error.message, message)
    t.equal(error.cause, cause)
  })

async function peerName(url: string): Promise<string> {
  const socket = connectTls({ port: Number(new URL(url).port), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256
}

void t.test('certificate files are served, and followed until the gate stops', async t => {
  const folder = t.testdir({ 'tls.crt': issued.cert, 'tls.key': issued.key })
  const certificateFiles = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') }
  const { gate, lines } = await open({ certificateFiles })
  t.equal(gate.authority, null)
  t.equal(await get(`${gate.url}/livez`, issued.ca), 200)
  const before = await peerName(gate.url)
  const next = await issueSelfSigned({ dnsNames: [], ipAddresses: [], days: 1 })
  writeFileSync(certificateFiles.certFile, next.cert)
  writeFileSync(certificateFiles.keyFile, next.key)
  await until('the new pair', () => lines.join('').includes('loaded again'))
  t.not(await peerName(gate.url), before)
  await gate.stop()
})

void t.test('certificate files that cannot be used are named', async t => {
  const other = await issueSelfSigned({ dnsNames: [], ipAddresses: [], days: 1 })
  const folder = t.testdir({ 'tls.crt': issued.cert, 'other.key': other.key })
  const certFile = join(folder, 'tls.crt')
  const missing = join(folder, 'none.key')
  await t.rejects(
    open({ certificateFiles: { certFile, keyFile: missing } }),
    new CertificateError(`${missing} cannot be read (ENOENT); check the path and its rights`),
  )
  await t.rejects(
    open({ certificateFiles: { certFile, keyFile: join(folder, 'other.key') } }),
    new CertificateError(
      'the certificate and the key do not belong together; write both from one issue',
    ),
  )
})

void t.test('a connection that was opened in advance holds up no stop', async t => {
  const { gate, lines } = await open()
  const socket = connectTls({ port: Number(new URL(gate.url).port), rejectUnauthorized: false })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  const started = performance.now()
  await gate.stop()
  t.ok(performance.now() - started < 10_000, 'it would otherwise be the longest drain')
  t.strictSame(lines, [], 'no call was cut')
})

void t.test('a call that outlasts the longest drain is cut, and the log says so', async t => {
  let isHeld = () => {}
  const held = new Promise<void>(resolve => (isHeld = resolve))
  const { gate, lines } = await open({ maxDrainMs: 50 }, () => {
    isHeld()
    return new Promise(() => {})
  })
  const sent = request(`${gate.url}/validate?timeout=30s`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ca: gate.authority as string,
  })
  sent.end(JSON.stringify(reviewOf()))
  const cut = once(sent, 'error')
  await held
  await gate.stop()
  t.match(await cut, [{ code: 'ECONNRESET' }])
  t.match(lines.at(-1), '"connections":1,"msg":"connections were cut after the longest drain"')
})
