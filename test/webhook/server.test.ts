import { readdirSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import t from 'tap'
import type { InjectOptions } from 'fastify'
import { CodedError } from '../../src/review/ports/coded-error.js'
import type { PatchOperation } from '../../src/policy/consolidation/directory-rewrite.js'
import type { AdmissionRequest, Reviewer } from '../../src/review/ports/admission.js'
import type { Deadline } from '../../src/review/ports/ports.js'
import { Metrics } from '../../src/webhook/metrics/metrics.js'
import { buildMetricsServer } from '../../src/webhook/metrics-server.js'
import { buildTestServer, pair, pass, reviewOf, undecided } from './running-server.js'
import { until } from '../until.js'

const json = { 'content-type': 'application/json' }

function post(payload: unknown, url = '/validate'): InjectOptions {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return { method: 'POST', url, headers: json, payload: text }
}

interface Envelope {
  apiVersion: string
  kind: string
  response: Record<string, unknown>
}

void t.test(
  'recorded reviews are answered with their uid and reach the reviewer as sent',
  async t => {
    const folder = 'test/fixtures/reviews'
    const seen: AdmissionRequest[] = []
    const { app } = buildTestServer(request => {
      seen.push(request)
      return pass
    })
    for (const file of readdirSync(folder)) {
      const text = readFileSync(`${folder}/${file}`, 'utf8')
      const sent = (JSON.parse(text) as { request: Record<string, unknown> }).request
      const answer = await app.inject(post(text, '/validate?timeout=5s'))
      t.equal(answer.statusCode, 200, file)
      t.match(answer.headers['content-type'], /^application\/json/)
      t.strictSame(
        answer.json(),
        {
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid: sent.uid, allowed: true },
        },
        file,
      )
      const request = seen.at(-1) as AdmissionRequest
      t.strictSame(request.object, sent.object, `${file}: object`)
      t.strictSame(request.oldObject, sent.oldObject, `${file}: oldObject`)
      t.equal(request.operation, sent.operation)
      t.equal(request.dryRun, sent.dryRun)
      t.equal(request.subResource, sent.subResource)
      t.equal(request.name, sent.name)
      t.strictSame(request.kind, sent.kind)
      const mutated = await app.inject(post(text, '/mutate?timeout=5s'))
      t.strictSame(mutated.json<Envelope>().response, { uid: sent.uid, allowed: true }, 'no patch')
    }
    t.equal(seen.length, readdirSync(folder).length, '/mutate asks no reviewer')
  },
)

void t.test('what a request leaves out is empty, null or false', async t => {
  const seen: AdmissionRequest[] = []
  const { app } = buildTestServer(request => {
    seen.push(request)
    return pass
  })
  const kind = { kind: 'Secret' }
  const request = { uid: 'u-2', kind, operation: 'DELETE', name: '', namespace: null }
  const body = { ...reviewOf(), request }
  t.equal((await app.inject(post(body))).statusCode, 200)
  t.strictSame(seen, [
    {
      uid: 'u-2',
      kind: { group: '', version: '', kind: 'Secret' },
      operation: 'DELETE',
      object: null,
      oldObject: null,
      dryRun: false,
    },
  ])
})

void t.test('fields of the object are neither coerced, dropped nor filled in', async t => {
  const seen: unknown[] = []
  const { app } = buildTestServer(request => {
    seen.push(JSON.stringify(request.object))
    return pass
  })
  const object = '{"spec":{"a":"5","n":null,"__proto__":{"x":1},"constructor":{"prototype":{}}}}'
  const body = JSON.stringify(reviewOf()).replace('"object":{}', `"object":${object},"new":1`)
  t.equal((await app.inject(post(body))).statusCode, 200)
  t.strictSame(seen, [object])
})

void t.test('a denial is passed on whole, with clean warnings and annotations', async t => {
  const causes = [{ reason: 'sum-mismatch', field: 'spec.dir', message: 'm' }]
  const { app } = buildTestServer(() => ({
    ...pass,
    verdict: 'fail',
    allowed: false,
    status: {
      code: 403,
      reason: 'Forbidden',
      message: `a\n${'é'.repeat(2000)}`,
      details: { causes },
    },
    warnings: ['two\nlines\tand \u2028more', '\u0000', 'x'.repeat(300)],
    auditAnnotations: { verdict: 'fail' },
  }))
  const { response } = (await app.inject(post(reviewOf()))).json<Envelope>()
  const { status, ...rest } = response as { status: Record<string, unknown> }
  t.strictSame(rest, {
    uid: 'u-1',
    allowed: false,
    warnings: ['two lines and more', `${'x'.repeat(255)}…`],
    auditAnnotations: { verdict: 'fail' },
  })
  t.match(status, { code: 403, reason: 'Forbidden', details: { causes } })
  t.ok(Buffer.byteLength(status.message as string) <= 2048)
  t.match(status.message, /^a\né+…$/)
})

const patch: readonly PatchOperation[] = [
  { op: 'replace', path: '/spec/dir/configMapRef/name', value: 'täglich' },
]

void t.test('/mutate answers with a patch in base64, counts it and logs the names', async t => {
  const rewrite = { outcome: 'rewritten', from: 'schema', to: 'täglich' } as const
  const rewriter: Reviewer = {
    review: async () => ({ ...pass, verdict: 'warn', warnings: ['w'], patch, rewrite }),
  }
  const { app, lines, samples } = buildTestServer(() => pass, { rewriter })
  const answer = await app.inject(post(reviewOf(), '/mutate?timeout=5s'))
  const { response } = answer.json<Envelope>()
  const { patch: encoded, ...rest } = response as { patch: string }
  t.strictSame(rest, { uid: 'u-1', allowed: true, warnings: ['w'], patchType: 'JSONPatch' })
  t.strictSame(JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')), patch)
  t.strictSame(await samples('atlas_admission_rewrites_total'), [
    'atlas_admission_rewrites_total{outcome="rewritten"} 1',
  ])
  t.match(JSON.parse(lines[0] as string), {
    path: '/mutate',
    rewrite: 'rewritten',
    rewrittenFrom: 'schema',
    rewrittenTo: 'täglich',
  })
})

void t.test('a rewrite that fails never denies, whatever the policy says', async t => {
  const rewriter: Reviewer = { review: () => Promise.reject(new Error('broken')) }
  const { app, samples } = buildTestServer(() => pass, { rewriter })
  const answer = await app.inject(post(reviewOf(), '/mutate?timeout=5s'))
  t.equal(answer.statusCode, 200)
  t.strictSame(answer.json<Envelope>().response, {
    uid: 'u-1',
    allowed: true,
    auditAnnotations: { rewrite: 'undecided' },
  })
  t.strictSame(await samples('atlas_admission_rewrites_total'), [
    'atlas_admission_rewrites_total{outcome="undecided"} 1',
  ])
})

type BadCall = [title: string, call: InjectOptions, status: number, code: string, says: RegExp]

const v1 = 'admission.k8s.io/v1'
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
const badCalls: BadCall[] = [
  ['text that is not JSON', post('{"a":'), 400, 'NOT_JSON', /not JSON/],
  ['an empty body', post(''), 400, 'NOT_JSON', /not JSON/],
  [
    'no body and no content type',
    { method: 'POST', url: '/validate' },
    400,
    'REVIEW_INVALID',
    /^the review must be object/,
  ],
  ['JSON null', post('null'), 400, 'REVIEW_INVALID', /^the review must be object/],
  ['a JSON text', post('"x"'), 400, 'REVIEW_INVALID', /^the review must be object/],
  [
    'a hundred thousand nested arrays',
    post(deep),
    413,
    'BODY_TOO_LARGE',
    /^the body holds more than 100000 values, or more than 200 in one another/,
  ],
  [
    'an empty object',
    post('{}'),
    400,
    'REVIEW_VERSION',
    /expected AdmissionReview of admission.k8s.io\/v1, found none of none/,
  ],
  [
    'v1beta1',
    post({ ...reviewOf(), apiVersion: 'admission.k8s.io/v1beta1' }),
    400,
    'REVIEW_VERSION',
    /found "AdmissionReview" of "admission.k8s.io\/v1beta1"; set admissionReviewVersions/,
  ],
  [
    'another kind',
    post({ apiVersion: v1, kind: 'TokenReview' }),
    400,
    'REVIEW_VERSION',
    /found "TokenReview"/,
  ],
  [
    'a kind that is no text',
    post({ apiVersion: v1, kind: 5 }),
    400,
    'REVIEW_VERSION',
    /found a number/,
  ],
  [
    'no request',
    post({ apiVersion: v1, kind: 'AdmissionReview' }),
    400,
    'REVIEW_INVALID',
    /must have required property 'request'/,
  ],
  [
    'no uid',
    post(reviewOf({ uid: undefined })),
    400,
    'REVIEW_INVALID',
    /^request must have required property 'uid'/,
  ],
  [
    'an empty uid',
    post(reviewOf({ uid: '' })),
    400,
    'REVIEW_INVALID',
    /^request.uid must NOT have fewer/,
  ],
  [
    'a uid that is a number',
    post(reviewOf({ uid: 5 })),
    400,
    'REVIEW_INVALID',
    /^request.uid must be string/,
  ],
  [
    'a uid as long as a book',
    post(reviewOf({ uid: 'x'.repeat(129) })),
    400,
    'REVIEW_INVALID',
    /^request.uid must NOT have more/,
  ],
  [
    'an unknown operation',
    post(reviewOf({ operation: 'create' })),
    400,
    'REVIEW_INVALID',
    /^request.operation must be one of CREATE, UPDATE, DELETE, CONNECT;/,
  ],
  [
    'an empty kind',
    post(reviewOf({ kind: { kind: '' } })),
    400,
    'REVIEW_INVALID',
    /^request.kind.kind must NOT/,
  ],
  [
    'an object that is a text',
    post(reviewOf({ object: 'x' })),
    400,
    'REVIEW_INVALID',
    /^request.object must be object,null/,
  ],
  [
    'an object that is an array',
    post(reviewOf({ object: [] })),
    400,
    'REVIEW_INVALID',
    /^request.object must be object,null/,
  ],
  [
    'a CREATE with object null',
    post(reviewOf({ object: null })),
    400,
    'OBJECT_MISSING',
    /^request.object is null although the operation is CREATE/,
  ],
  [
    'an UPDATE without object',
    post(reviewOf({ object: undefined, operation: 'UPDATE' })),
    400,
    'OBJECT_MISSING',
    /^request.object is missing although/,
  ],
  ['a path nobody serves', { url: '/healthz' }, 404, 'NOT_FOUND', /the paths are \/validate/],
  ['a path that an object has by birth', { url: '/constructor' }, 404, 'NOT_FOUND', /no such path/],
  ['a body to a path nobody serves', post('{', '/x'), 404, 'NOT_FOUND', /no such path/],
  ['a path that is no path', { url: '/%zz' }, 400, 'BAD_HTTP', /not a valid URL path/],
  [
    'GET /validate',
    { url: '/validate?timeout=1s' },
    405,
    'METHOD_NOT_ALLOWED',
    /^\/validate takes only POST/,
  ],
  [
    'PUT /mutate',
    { ...post('{}', '/mutate'), method: 'PUT' },
    405,
    'METHOD_NOT_ALLOWED',
    /^\/mutate takes only POST/,
  ],
  ['POST /livez', post('{}', '/livez'), 405, 'METHOD_NOT_ALLOWED', /^\/livez takes only GET/],
  [
    'text/plain',
    { ...post('{}'), headers: { 'content-type': 'text/plain' } },
    415,
    'CONTENT_TYPE',
    /application\/json/,
  ],
  [
    'YAML',
    { ...post('a: 1'), headers: { 'content-type': 'application/yaml' } },
    415,
    'CONTENT_TYPE',
    /application\/json/,
  ],
  [
    'a content type that is none',
    { ...post('{}'), headers: { 'content-type': 'x' } },
    415,
    'CONTENT_TYPE',
    /application\/json/,
  ],
  [
    'a body over 7 MiB',
    post('x'.repeat(7 * 1024 * 1024 + 1)),
    413,
    'BODY_TOO_LARGE',
    /larger than 7340032 bytes/,
  ],
  [
    'a body shorter than announced',
    { ...post('{}'), headers: { ...json, 'content-length': '5' } },
    400,
    'BODY_INCOMPLETE',
    /shorter/,
  ],
]

void t.test(
  'bad input gets the right status and one JSON line, and the server goes on',
  async t => {
    const { app, lines, samples } = buildTestServer(() => pass)
    for (const [title, call, status, code, says] of badCalls) {
      const answer = await app.inject(call)
      t.equal(answer.statusCode, status, title)
      t.match(answer.body, /^\{[^\n]*\}\n$/, `${title}: one line`)
      const { code: found, message } = answer.json<{ code: string; message: string }>()
      t.equal(found, `ATLAS_ADMISSION_${code}`, title)
      t.match(message, says, title)
      t.match(
        JSON.parse(lines.at(-1) as string),
        { level: 'warn', code: found },
        `${title}: logged`,
      )
    }
    t.equal((await app.inject(post(reviewOf()))).statusCode, 200)
    const counted = await samples('atlas_admission_http_errors_total{')
    t.equal(
      counted.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0),
      badCalls.length,
    )
    t.equal((await app.inject({ url: '/validate' })).headers.allow, 'POST')
  },
)

void t.test('a body of exactly 7 MiB and a deep object are reviews like others', async t => {
  const { app } = buildTestServer(() => pass)
  const rest = JSON.stringify(reviewOf({ object: { a: '' } })).length
  const huge = reviewOf({ object: { a: 'x'.repeat(7 * 1024 * 1024 - rest) } })
  t.equal((await app.inject(post(huge))).statusCode, 200)
  const nested = JSON.stringify(reviewOf()).replace('"object":{}', `"object":{"a":${deep}}`)
  t.equal((await app.inject(post(nested))).json<Envelope>().response.uid, 'u-1')
})

class FakeError extends CodedError {
  override readonly code = 'ATLAS_ADMISSION_FAKE'
}

const secret = 'hunter2'

function driverError(): Error {
  const message = `password "${secret}" of postgres://app:${secret}@db/shop\n    at /${secret}.js:1:2`
  return Object.assign(new Error(message, { cause: new TypeError(message) }), { code: '28P01' })
}

type Failing = [title: string, error: unknown, logged: Record<string, unknown>]

const failing: Failing[] = [
  [
    'an error of a driver',
    driverError(),
    { type: 'Error', code: '28P01', cause: { type: 'TypeError' } },
  ],
  ['a thrown text', secret, { type: 'string' }],
  [
    'an error of our own',
    new FakeError('the Secret is not there', { cause: driverError() }),
    { type: 'FakeError', code: 'ATLAS_ADMISSION_FAKE', message: 'the Secret is not there' },
  ],
]

for (const [title, error, logged] of failing) {
  void t.test(`${title} in a review is answered in band and reveals nothing`, async t => {
    const asked: unknown[] = []
    const { app, lines } = buildTestServer(
      async () => {
        throw error
      },
      {
        onFailure: (request, cause) => {
          asked.push([request.uid, cause])
          return undecided
        },
      },
    )
    const answer = await app.inject(post(reviewOf()))
    t.equal(answer.statusCode, 200)
    t.strictSame(answer.json<Envelope>().response, {
      uid: 'u-1',
      allowed: true,
      warnings: ['could not decide'],
    })
    t.strictSame(asked, [['u-1', error]])
    t.match(JSON.parse(lines[0] as string), { level: 'error', uid: 'u-1', err: logged })
    t.notMatch(lines.join('') + answer.body, secret)
  })
}

void t.test('a reviewer that throws instead of rejecting is answered in band too', async t => {
  const { app } = buildTestServer(() => pass, {
    reviewer: {
      review: () => {
        throw driverError()
      },
    },
  })
  const { response } = (await app.inject(post(reviewOf()))).json<Envelope>()
  t.strictSame(response.warnings, ['could not decide'])
})

void t.test(
  'when not even onFailure can answer, the call gets a 500 that says nothing',
  async t => {
    const { app, lines } = buildTestServer(
      () => {
        throw driverError()
      },
      {
        onFailure: () => {
          throw driverError()
        },
      },
    )
    const answer = await app.inject(post(reviewOf()))
    t.equal(answer.statusCode, 500)
    t.strictSame(answer.json(), {
      code: 'ATLAS_ADMISSION_INTERNAL',
      message: 'the call could not be answered; see the log',
    })
    t.match(JSON.parse(lines[0] as string), { level: 'error', uid: 'u-1', err: { type: 'Error' } })
    t.notMatch(lines.join('') + answer.body, secret)
  },
)

void t.test('the deadline of a review comes from the timeout parameter', async t => {
  const seen: number[] = []
  const { app } = buildTestServer((_request, deadline) => {
    seen.push(deadline.at - Date.now())
    return pass
  })
  const urls = [
    '/validate?timeout=5s',
    '/validate?timeout=1h',
    '/validate',
    '/validate?timeout=soon',
  ]
  for (const url of urls) await app.inject(post(reviewOf(), url))
  const expected = [4700, 29_700, 9700, 9700]
  for (const [index, left] of expected.entries()) {
    const found = seen[index] as number
    t.ok(found <= left && found > left - 500, `${urls[index]}: ${found} of ${left}`)
  }
})

void t.test('a review that notices its deadline answers by itself', async t => {
  const { app } = buildTestServer(async (_request, deadline) => {
    await once(deadline.signal, 'abort')
    return { ...pass, warnings: ['no time'] }
  })
  const { response } = (
    await app.inject(post(reviewOf(), '/validate?timeout=100ms'))
  ).json<Envelope>()
  t.strictSame(response.warnings, ['no time'])
})

void t.test('a review that never ends is answered before the time limit', async t => {
  const late: Deadline[] = []
  const { app, lines } = buildTestServer((_request, deadline) => {
    late.push(deadline)
    return new Promise(() => {})
  })
  const start = performance.now()
  const answer = await app.inject(post(reviewOf(), '/validate?timeout=200ms'))
  const took = performance.now() - start
  t.strictSame(answer.json<Envelope>().response.warnings, ['could not decide'])
  t.ok(took > 150 && took < 2000, `took ${took} ms`)
  t.match(JSON.parse(lines[0] as string), { err: { code: 'ATLAS_ADMISSION_DEADLINE' } })
  t.ok(late[0]?.signal.aborted)
})

void t.test(
  'one line per review says what was asked and answered, and nothing of the objects',
  async t => {
    const { app, lines } = buildTestServer(() => ({
      ...pass,
      verdict: 'warn',
      findings: [{ rule: 'shared-table', result: 'warned' }],
    }))
    const object = { spec: { url: `postgres://app:${secret}@db/shop` } }
    const request = { object, dryRun: true, subResource: 'status', name: 'n'.repeat(300) }
    await app.inject(post(reviewOf(request), `/validate?timeout=5s&x=${secret}`))
    t.equal(lines.length, 1)
    const { time, durationMs, ...line } = JSON.parse(lines[0] as string) as Record<string, unknown>
    t.type(durationMs, 'number')
    t.match(time, /^\d{4}-\d\d-\d\dT/)
    t.strictSame(line, {
      level: 'info',
      uid: 'u-1',
      path: '/validate',
      operation: 'CREATE',
      kind: 'AtlasMigration',
      namespace: 'shop',
      name: 'n'.repeat(253),
      subResource: 'status',
      dryRun: true,
      verdict: 'warn',
      allowed: true,
      findings: ['shared-table=warned'],
      msg: 'reviewed',
    })
  },
)

void t.test('one review too many is told to try again in a second', async t => {
  let release = () => {}
  const gate = new Promise<void>(resolve => (release = resolve))
  const { app, samples } = buildTestServer(
    async () => {
      await gate
      return pass
    },
    { limits: { maxReviews: 1 } },
  )
  const first = app.inject(post(reviewOf()))
  await until('one call in flight', async () =>
    (await samples('atlas_admission_requests_in_flight'))[0]?.endsWith(' 1'),
  )
  const second = await app.inject(post(reviewOf(), '/mutate'))
  t.equal(second.statusCode, 503)
  t.equal(second.headers['retry-after'], '1')
  t.match(second.json(), { code: 'ATLAS_ADMISSION_OVERLOADED' })
  t.equal((await app.inject({ url: '/livez' })).statusCode, 200, 'probes are no reviews')
  release()
  t.equal((await first).statusCode, 200)
  t.strictSame(await samples('atlas_admission_requests_in_flight'), [
    'atlas_admission_requests_in_flight 0',
  ])
  t.equal((await app.inject(post(reviewOf()))).statusCode, 200)
})

type Lengths = [title: string, first: number, second: InjectOptions, status: number]

const small = JSON.stringify(reviewOf())

const lengths: Lengths[] = [
  ['a body that still fits', 0, post(small), 200],
  ['a body that does not', 0, post(small.padEnd(9000)), 503],
  ['a body of unknown length', 0, { ...post(''), payload: Readable.from([small]) }, 200],
  ['any body, the first being larger than the limit itself,', 9000, post(small), 503],
]

for (const [title, size, second, status] of lengths) {
  void t.test(`${title} beside a review in flight is answered ${status}`, async t => {
    let release = () => {}
    const gate = new Promise<void>(resolve => (release = resolve))
    const { app, samples } = buildTestServer(
      async request => {
        if (request.name === 'first') await gate
        return pass
      },
      { limits: { memory: { maxBytes: 20_000, maxBytesOfAddress: 20_000, maxWaitMs: 50 } } },
    )
    const object = { note: 'x'.repeat(size) }
    const first = app.inject(post(reviewOf({ name: 'first', object })))
    await until('one call in flight', async () =>
      (await samples('atlas_admission_requests_in_flight'))[0]?.endsWith('1'),
    )
    t.equal((await app.inject(second)).statusCode, status)
    release()
    t.equal((await first).statusCode, 200)
  })
}

void t.test('probes list what is missing', async t => {
  let synced: string | null = 'not read yet'
  const source = { name: 'source', problem: () => synced }
  const broken = {
    name: 'broken',
    problem: () => {
      throw driverError()
    },
  }
  const { app, samples } = buildTestServer(() => pass, {
    checks: { startup: [source], readiness: [source, { name: 'other', problem: () => null }] },
  })
  for (const url of ['/startupz', '/readyz']) {
    const answer = await app.inject({ url })
    t.equal(answer.statusCode, 503)
    t.equal(
      answer.body,
      '{"code":"ATLAS_ADMISSION_NOT_READY","message":"not ready: source: not read yet"}\n',
    )
  }
  t.equal((await app.inject({ url: '/livez' })).statusCode, 200)
  synced = null
  for (const url of ['/startupz', '/readyz']) {
    t.strictSame((await app.inject({ url })).json(), { status: 'ok' })
  }
  app.drainState.begin()
  t.equal((await app.inject({ url: '/startupz' })).statusCode, 200)
  t.match(
    (await app.inject({ url: '/readyz' })).body,
    'not ready: draining: the server is about to',
  )
  t.strictSame(await samples('atlas_admission_http_errors_total{'), [], 'waiting is no error')

  const other = buildTestServer(() => pass, {
    certificate: { ...pair, expiresAt: new Date(1_700_000_000_000) },
    checks: { startup: [], readiness: [broken] },
  })
  t.match((await other.app.inject({ url: '/readyz' })).json(), {
    message:
      'not ready: broken: could not be checked; certificate: expired at 2023-11-14T22:13:20.000Z',
  })
})

void t.test('/metrics shows what happened, with labels that are bounded', async t => {
  const findings = [
    { rule: 'shared-table', result: 'denied' },
    { rule: 'late-file', result: 'warned' },
  ] as const
  const { app, metrics, log } = buildTestServer(() => ({ ...pass, verdict: 'fail', findings }))
  const scrape = buildMetricsServer({ log, metrics })
  await app.inject(post(reviewOf()))
  await app.inject(post(reviewOf({ dryRun: true, kind: { kind: 'ConfigMap' } })))
  await app.inject(
    post(reviewOf({ kind: { kind: 'constructor' }, operation: 'CONNECT' }), '/mutate'),
  )
  await app.inject(post('{'))
  metrics.observeDatabaseRead('read', 0.02)
  metrics.observeDatabaseRead('timeout', 2)
  let connections = 3
  metrics.watchDatabaseConnections(() => connections)
  connections = 4
  const answer = await scrape.inject({ url: '/metrics' })
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['content-type'], /^text\/plain; version=0.0.4/)
  const found = answer.body.split('\n').filter(line => !/^#|^$|_bucket|_sum/.test(line))
  const name = 'atlas_admission'
  t.strictSame(found.sort(), [
    `${name}_build_info{version="1.2.3",node_version="${process.version}"} 1`,
    `${name}_ca_bundle_writes_total 0`,
    `${name}_certificate_expiry_timestamp_seconds ${pair.expiresAt.getTime() / 1000}`,
    `${name}_certificate_issues_total 0`,
    `${name}_database_connections 4`,
    `${name}_database_read_duration_seconds_count{outcome="read"} 1`,
    `${name}_database_read_duration_seconds_count{outcome="timeout"} 1`,
    `${name}_findings_total{rule="late-file",result="warned"} 2`,
    `${name}_findings_total{rule="shared-table",result="denied"} 2`,
    `${name}_http_errors_total{code="ATLAS_ADMISSION_NOT_JSON"} 1`,
    `${name}_requests_in_flight 0`,
    `${name}_review_duration_seconds_count{path="/mutate",verdict="skip"} 1`,
    `${name}_review_duration_seconds_count{path="/validate",verdict="fail"} 2`,
    `${name}_reviews_total{path="/mutate",operation="CONNECT",kind="other",verdict="skip",dry_run="false"} 1`,
    `${name}_reviews_total{path="/validate",operation="CREATE",kind="AtlasMigration",verdict="fail",dry_run="false"} 1`,
    `${name}_reviews_total{path="/validate",operation="CREATE",kind="ConfigMap",verdict="fail",dry_run="true"} 1`,
  ])
  const whole = new Metrics({ version: '1', processMetrics: true })
  t.match(await whole.text(), /^process_resident_memory_bytes \d+/m)
  t.equal((await scrape.inject({ url: '/' })).statusCode, 404)
  t.equal((await scrape.inject({ url: '/metrics', method: 'POST' })).statusCode, 405)
})
