import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import t, { type Test } from 'tap'
import {
  CertificateWatch,
  type CertificateWatchOptions,
} from '../../../src/webhook/tls/certificate-watch.js'
import { drain } from '../../../src/webhook/app/drain.js'
import { issueSelfSigned } from '../../../src/webhook/tls/self-signed.js'
import { parseCertificatePair, readCertificatePair } from '../../../src/webhook/tls/tls.js'
import type { WebhookServer } from '../../../src/webhook/app/webhook-server.js'
import { buildTestServer, call, issued, pair, pass, type TestServer } from '../running-server.js'
import { until } from '../../until.js'

const options = { dnsNames: ['gate.ops.svc'], ipAddresses: ['10.1.2.3'], days: 3 }
const second = await issueSelfSigned(options)
const secondPair = parseCertificatePair(second.cert, second.key)

void t.test('a self-signed certificate is what an API server and curl accept', async t => {
  const leaf = new X509Certificate(second.cert)
  const ca = new X509Certificate(second.ca)
  t.ok(leaf.verify(ca.publicKey), 'signed by the authority')
  t.ok(leaf.checkIssued(ca))
  t.ok(ca.ca)
  t.notOk(leaf.ca)
  t.strictSame(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'server authentication')
  for (const host of ['localhost', 'gate.ops.svc']) t.equal(leaf.checkHost(host), host)
  for (const ip of ['127.0.0.1', '10.1.2.3']) t.equal(leaf.checkIP(ip), ip)
  t.match(leaf.subjectAltName, /IP Address:0:0:0:0:0:0:0:1/)
  t.equal(leaf.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  const days = (secondPair.expiresAt.getTime() - Date.now()) / 86_400_000
  t.ok(days > 2.99 && days < 3.01)
  t.ok(new Date(leaf.validFrom).getTime() < Date.now() - 60_000, 'clocks may differ a little')
})

type BadPair = [title: string, cert: string, key: string, says: RegExp]

const badPairs: BadPair[] = [
  ['no certificate', 'x', issued.key, /^the certificate cannot be used by TLS; expected PEM/],
  ['no key', issued.cert, 'x', /^the key cannot be used by TLS/],
  [
    'a key of another certificate',
    issued.cert,
    second.key,
    /^the certificate and the key do not belong together/,
  ],
  [
    'a chain that is cut off',
    `${issued.cert}\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
    issued.key,
    /^the pair cannot be used by TLS/,
  ],
]

void t.test('a pair that TLS would refuse is an error that shows no key', t => {
  for (const [title, cert, key, says] of badPairs) {
    const error = { code: 'ATLAS_ADMISSION_CERTIFICATE', message: says }
    t.throws(() => parseCertificatePair(cert, key), error, title)
  }
  t.end()
})

void t.test('a file that is not there is named', async t => {
  const certFile = `${t.testdir({ 'tls.key': issued.key })}/tls.crt`
  await t.rejects(readCertificatePair({ certFile, keyFile: certFile.replace('.crt', '.key') }), {
    code: 'ATLAS_ADMISSION_CERTIFICATE',
    message: `${certFile} cannot be read (ENOENT); check the path and its rights`,
  })
})

interface Mounted extends TestServer {
  /** The serial number that a new connection is shown. */
  serial(): Promise<string>
}

async function serve(
  t: Test,
  options: Partial<CertificateWatchOptions>,
  folder: string,
): Promise<Mounted> {
  const server = buildTestServer(() => pass)
  const { app, log, metrics } = server
  await app.listen({ host: '127.0.0.1', port: 0 })
  const files = { certFile: `${folder}/tls.crt`, keyFile: `${folder}/tls.key` }
  const certificate = app.servingCertificate
  const watch = new CertificateWatch({ files, certificate, log, metrics, ...options })
  t.teardown(async () => {
    watch.close()
    await drain(app, { delayMs: 0, maxMs: 0 })
  })
  return { ...server, serial: () => serialOf(app) }
}

async function serialOf(app: WebhookServer): Promise<string> {
  const { port } = app.server.address() as AddressInfo
  const socket = connect({ host: '127.0.0.1', port, ca: [issued.ca, second.ca] })
  await once(socket, 'secureConnect')
  const { serialNumber } = socket.getPeerCertificate()
  socket.destroy()
  return serialNumber
}

const firstSerial = new X509Certificate(issued.cert).serialNumber
const secondSerial = new X509Certificate(second.cert).serialNumber

/** What the kubelet does to a mounted Secret: a new folder, then `..data` renamed onto the old link. */
function swap(folder: string, name: string, files: { cert: string; key: string }): void {
  mkdirSync(`${folder}/${name}`)
  writeFileSync(`${folder}/${name}/tls.crt`, files.cert)
  writeFileSync(`${folder}/${name}/tls.key`, files.key)
  symlinkSync(name, `${folder}/..data_tmp`)
  renameSync(`${folder}/..data_tmp`, `${folder}/..data`)
}

function mount(folder: string): void {
  swap(folder, '..2026_01', issued)
  symlinkSync('..data/tls.crt', `${folder}/tls.crt`)
  symlinkSync('..data/tls.key', `${folder}/tls.key`)
}

const reloads = 'atlas_admission_certificate_reloads_total'

void t.test('a swapped Secret is served to new connections', async t => {
  const folder = t.testdir()
  mount(folder)
  const server = await serve(t, { pollMs: 60_000, debounceMs: 10 }, folder)
  t.equal(await server.serial(), firstSerial)
  swap(folder, '..2026_02', second)
  await until('the second pair', async () => (await server.serial()) === secondSerial)
  t.strictSame(await server.samples(reloads), [`${reloads}{outcome="loaded"} 1`])
  const expiry = 'atlas_admission_certificate_expiry_timestamp_seconds'
  t.strictSame(await server.samples(expiry), [`${expiry} ${secondPair.expiresAt.getTime() / 1000}`])
  t.match(JSON.parse(server.lines[0] as string), {
    level: 'info',
    expiresAt: secondPair.expiresAt.toISOString(),
  })
  t.equal((await call(server.app, { path: '/readyz', ca: second.ca })).status, 200)
  const old = await call(server.app, { path: '/readyz', ca: issued.ca }).catch(
    (error: Error) => error,
  )
  t.ok(old instanceof Error, 'the old authority no longer vouches for it')
})

void t.test(
  'a pair that does not match leaves the old one, is said once, and is mended by the next',
  async t => {
    const folder = t.testdir()
    mount(folder)
    const server = await serve(t, { pollMs: 20, debounceMs: 5 }, folder)
    swap(folder, '..2026_02', { cert: second.cert, key: issued.key })
    await until('a log line', () => server.lines.length > 0)
    await sleep(100)
    t.equal(server.lines.length, 1, 'polls do not repeat it')
    t.match(JSON.parse(server.lines[0] as string), {
      level: 'error',
      err: { code: 'ATLAS_ADMISSION_CERTIFICATE', message: /do not belong together/ },
    })
    t.notMatch(server.lines[0], /BEGIN/)
    t.equal(await server.serial(), firstSerial)
    t.equal((await call(server.app, { path: '/readyz' })).status, 200)
    swap(folder, '..2026_03', second)
    await until('the second pair', async () => (await server.serial()) === secondSerial)
    t.strictSame(await server.samples(reloads), [
      `${reloads}{outcome="failed"} 1`,
      `${reloads}{outcome="loaded"} 1`,
    ])
  },
)

void t.test(
  'files of one folder that are written one after the other are read once, as a pair',
  async t => {
    const folder = t.testdir({ 'tls.crt': issued.cert, 'tls.key': issued.key })
    const server = await serve(t, { pollMs: 60_000, debounceMs: 400 }, folder)
    writeFileSync(`${folder}/tls.crt`, second.cert)
    await sleep(20)
    writeFileSync(`${folder}/tls.key`, second.key)
    await until('the second pair', async () => (await server.serial()) === secondSerial)
    t.equal(server.lines.length, 1)
  },
)

void t.test('a folder that cannot be watched is polled', async t => {
  const folder = `${t.testdir()}/later`
  const server = await serve(t, { pollMs: 20 }, folder)
  t.match(JSON.parse(server.lines[0] as string), { level: 'warn', folder })
  await until('another log line', () => server.lines.length > 1)
  mkdirSync(folder)
  writeFileSync(`${folder}/tls.crt`, second.cert)
  writeFileSync(`${folder}/tls.key`, second.key)
  await until('the second pair', async () => (await server.serial()) === secondSerial)
  unlinkSync(`${folder}/tls.key`)
  rmSync(folder, { recursive: true })
  await until('a file that is missed', () =>
    server.lines.some(line => line.includes('cannot be read (ENOENT)')),
  )
  t.equal(await server.serial(), secondSerial)
})

void t.test('the default times are the documented ones', async t => {
  const folder = t.testdir({ 'tls.crt': issued.cert, 'tls.key': issued.key })
  const server = await serve(t, {}, folder)
  writeFileSync(`${folder}/tls.crt`, second.cert)
  writeFileSync(`${folder}/tls.key`, second.key)
  await until('the second pair', async () => (await server.serial()) === secondSerial)
  t.equal(server.app.servingCertificate.pair.cert, second.cert)
  t.not(server.app.servingCertificate.pair.cert, pair.cert)
})
