import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { ApiClient } from '../../../src/kubernetes/api/api-client.js'
import { buildEvents } from '../../../src/kubernetes/audit/events.js'
import { readKubeconfig } from '../../../src/kubernetes/api/kubeconfig.js'
import { openKubernetes } from '../../../src/kubernetes/kubernetes-cluster.js'
import { buildReports } from '../../../src/kubernetes/audit/reports.js'
import type { AuditEvent, AuditReport } from '../../../src/review/audit/audit-ports.js'
import { FakeStore, type StoreFault } from '../certificates/fake-store.js'

const { signal } = new AbortController()
const now = () => new Date('2026-05-01T12:00:00.250Z')
const object = { namespace: 'shop', name: 'schema', uid: 'c0ffee' }

async function startStore(t: Test): Promise<{ readonly store: FakeStore; readonly file: string }> {
  const store = new FakeStore()
  await store.listen()
  t.teardown(() => store.close())
  const folder = mkdtempSync(join(tmpdir(), 'atlas-admission-outlets-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'config')
  writeFileSync(file, store.kubeconfig())
  return { store, file }
}

async function open(t: Test): Promise<{ readonly store: FakeStore; readonly client: ApiClient }> {
  const { store, file } = await startStore(t)
  const config = readKubeconfig({ kind: 'kubeconfig', file })
  t.teardown(() => config.close())
  return { store, client: new ApiClient(config) }
}

const event: AuditEvent = {
  object,
  type: 'Warning',
  reason: 'ChecksumMissing',
  note: 'no atlas.sum; fix: run atlas migrate hash',
  count: 1,
}

const collection = '/apis/events.k8s.io/v1/namespaces/shop/events'

const methods = (store: FakeStore) => store.requests.map(({ method }) => method)

void t.test('an Event says what was found, and about what', async t => {
  const { store, client } = await open(t)
  await buildEvents({ client, instance: 'pod-1', now }).write(event, signal)
  const [request] = store.requests
  t.equal(`${request?.method} ${request?.path}`, `POST ${collection}`)
  const { metadata, ...rest } = Object(request?.body) as {
    metadata: { name: string; namespace: string }
  }
  t.match(metadata, { namespace: 'shop', name: /^schema\.[0-9a-f]{16}$/ })
  t.strictSame(rest, {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    eventTime: '2026-05-01T12:00:00.250000Z',
    reportingController: 'atlas-admission.io/audit',
    reportingInstance: 'pod-1',
    action: 'Audit',
    type: 'Warning',
    reason: 'ChecksumMissing',
    note: event.note,
    regarding: {
      apiVersion: 'db.atlasgo.io/v1alpha1',
      kind: 'AtlasMigration',
      namespace: 'shop',
      name: 'schema',
      uid: 'c0ffee',
    },
  })
})

void t.test('the same thing said again is a count of the same Event', async t => {
  const { store, client } = await open(t)
  const events = buildEvents({ client, instance: 'pod-1', now })
  await events.write(event, signal)
  await events.write({ ...event, count: 7 }, signal)
  t.strictSame(methods(store), ['POST', 'PATCH'])
  t.equal(store.requests[1]?.contentType, 'application/merge-patch+json')
  t.strictSame(store.requests[1]?.body, {
    series: { count: 7, lastObservedTime: '2026-05-01T12:00:00.250000Z' },
  })
  t.equal(store.objects.size, 1)
  // Another process does not know that it was said.
  await events.write(event, signal)
  t.strictSame(methods(store).slice(2), ['POST', 'PATCH'])
  t.match(store.requests[3]?.body, { series: { count: 2 } })
  // The API server has forgotten it.
  store.objects.clear()
  await events.write({ ...event, count: 8 }, signal)
  t.strictSame(methods(store).slice(4), ['PATCH', 'POST'])
})

void t.test('other words, types, reasons and objects are other Events', async t => {
  const { store, client } = await open(t)
  const events = buildEvents({ client, instance: 'pod-1', now })
  const others: AuditEvent[] = [
    event,
    { ...event, note: 'other' },
    { ...event, type: 'Normal' },
    { ...event, reason: 'Other' },
    { ...event, object: { ...object, uid: 'decaf' } },
    // Cut before a dot, which no part of a name may end in.
    { ...event, object: { ...object, name: `${'a'.repeat(199)}.${'b'.repeat(53)}` } },
  ]
  for (const other of others) await events.write(other, signal)
  const names = [...store.objects.keys()].map(key => key.slice(collection.length + 1))
  t.equal(new Set(names).size, others.length)
  t.match(names[5], /^a{199}\.[0-9a-f]{16}$/)
})

const report: AuditReport = {
  object,
  results: [
    {
      rule: 'checksum-missing',
      result: 'fail',
      severity: 'high',
      message: 'no atlas.sum',
      properties: { field: 'spec.dir' },
    },
    { rule: '', result: 'error', severity: 'medium', message: 'cannot decide', properties: {} },
  ],
}

const openReports = '/apis/openreports.io/v1alpha1'
const policyReports = '/apis/wgpolicyk8s.io/v1alpha2'

const serve = (store: FakeStore, group: string, ...resources: string[]) =>
  store.objects.set(group, { resources: resources.map(name => ({ name })) })

void t.test('a report is applied under our own name, and belongs to its object', async t => {
  const { store, client } = await open(t)
  serve(store, openReports, 'clusterreports', 'reports')
  const reports = buildReports({ client, now, monotonic: () => 0 })
  t.equal(await reports.write(report, signal), true)
  t.equal(await reports.write(report, signal), true)
  const path = `${openReports}/namespaces/shop/reports/atlas-migration-c0ffee?fieldManager=atlas-admission&force=true`
  t.strictSame(store.lines(), [`GET ${openReports}`, `PATCH ${path}`, `PATCH ${path}`])
  t.equal(store.requests[1]?.contentType, 'application/apply-patch+yaml')
  const timestamp = { seconds: Date.UTC(2026, 4, 1, 12) / 1000, nanos: 0 }
  const common = {
    source: 'atlas-admission',
    policy: 'atlas-admission',
    category: 'Atlas migrations',
    scored: true,
    timestamp,
  }
  const apiVersion = 'db.atlasgo.io/v1alpha1'
  const kind = 'AtlasMigration'
  t.strictSame(store.requests[1]?.body, {
    apiVersion: 'openreports.io/v1alpha1',
    kind: 'Report',
    metadata: {
      name: 'atlas-migration-c0ffee',
      namespace: 'shop',
      labels: { 'app.kubernetes.io/managed-by': 'atlas-admission' },
      ownerReferences: [
        {
          apiVersion,
          kind,
          name: 'schema',
          uid: 'c0ffee',
          controller: false,
          blockOwnerDeletion: false,
        },
      ],
    },
    scope: { apiVersion, kind, ...object },
    summary: { pass: 0, fail: 1, warn: 0, error: 1, skip: 0 },
    results: [
      {
        ...common,
        rule: 'checksum-missing',
        result: 'fail',
        severity: 'high',
        message: 'no atlas.sum',
        properties: { field: 'spec.dir' },
      },
      {
        ...common,
        result: 'error',
        severity: 'medium',
        message: 'cannot decide',
        properties: {},
      },
    ],
  })
})

void t.test('the older kind of report serves where there is no newer one', async t => {
  const { store, client } = await open(t)
  // The group, but not the kind.
  serve(store, openReports, 'clusterreports')
  serve(store, policyReports, 'policyreports')
  await buildReports({ client, now, monotonic: () => 0 }).write(report, signal)
  t.match(store.requests[2], {
    path: /^\/apis\/wgpolicyk8s.io\/v1alpha2\/namespaces\/shop\/policyreports\//,
    body: { apiVersion: 'wgpolicyk8s.io/v1alpha2', kind: 'PolicyReport' },
  })
})

void t.test('without a kind of report none is written, and it is looked for again', async t => {
  const { store, client } = await open(t)
  let time = 0
  const reports = buildReports({ client, now, monotonic: () => time })
  store.objects.set(openReports, {})
  t.equal(await reports.write(report, signal), false)
  t.equal(await reports.write(report, signal), false)
  t.strictSame(methods(store), ['GET', 'GET'])
  serve(store, policyReports, 'policyreports')
  time = 600_000
  t.equal(await reports.write(report, signal), true)
})

void t.test('what is missing is named', async t => {
  type Case = [fault: (method: string) => StoreFault | undefined, events: RegExp, reports: RegExp]
  const on = (method: string, fault: StoreFault) => (found: string) =>
    found === method ? fault : undefined
  const cases: Case[] = [
    [
      on('POST', 403),
      /^no right to create events.events.k8s.io in namespace shop \(RBAC: create events.events.k8s.io\)$/,
      /^$/,
    ],
    [
      on('PATCH', 403),
      /^no right to patch events.events.k8s.io in namespace shop/,
      /^no right to patch reports.openreports.io in namespace shop \(RBAC: patch reports.openreports.io\)$/,
    ],
    [on('GET', 500), /^$/, /^the API server answered 500$/],
    [on('PATCH', 'reset'), /^the API server cannot be asked/, /^the API server cannot be asked/],
  ]
  for (const [fault, eventReason, reportReason] of cases) {
    const { store, client } = await open(t)
    serve(store, openReports, 'reports')
    const events = buildEvents({ client, instance: 'pod-1', now })
    const reports = buildReports({ client, now, monotonic: () => 0 })
    store.fault = ({ method }) => fault(method)
    const reasonOf = (written: Promise<unknown>) =>
      written.then(
        () => '',
        (error: unknown) => (error as { readonly reason: string }).reason,
      )
    t.match(await reasonOf(events.write({ ...event, count: 2 }, signal)), eventReason)
    t.match(await reasonOf(reports.write(report, signal)), reportReason)
    // Once it works again, nothing of the failure is left.
    store.fault = () => undefined
    await events.write(event, signal)
    t.equal(await reports.write(report, signal), true)
  }
})

void t.test('a cluster that is watched has all that an audit needs', async t => {
  const { store, file } = await startStore(t)
  serve(store, openReports, 'reports')
  const cluster = await openKubernetes({ access: { kind: 'kubeconfig', file } })
  t.teardown(() => cluster.close())
  const audit = cluster.openAudit({ onLeaseProblem: reason => t.fail(reason) })
  await audit.events.write(event, signal)
  t.equal(await audit.reports.write(report, signal), true)
  t.equal(await audit.reports.write(report, signal), true)
  const stopping = new AbortController()
  let terms = 0
  await audit.leadership.run(async () => {
    terms += 1
    stopping.abort()
  }, stopping.signal)
  t.equal(terms, 1)
  t.match(
    store.objects.get(
      '/apis/coordination.k8s.io/v1/namespaces/default/leases/atlas-admission-audit',
    ),
    {
      spec: { holderIdentity: '' },
    },
  )
})
