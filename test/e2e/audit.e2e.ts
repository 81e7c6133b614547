import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parseAllDocuments } from 'yaml'
import { type Audit, auditTiming, startAudit } from '../../src/audit/background-audit.js'
import { buildPostgresReader } from '../../src/database/postgres-reader.js'
import { openKubernetes } from '../../src/kubernetes/kubernetes-cluster.js'
import { rules } from '../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import { buildLogger } from '../../src/webhook/logger.js'
import { createDatabase, startTestPostgres } from '../database/test-postgres.js'
import { installAtlasCrd } from './control-plane/atlas-crd.js'
import { kubectlOutput } from './control-plane/kubectl.js'
import { obtainControlPlane } from './control-plane/obtain-control-plane.js'
import { serviceAccountKubeconfig } from './control-plane/service-account.js'
import { TargetIndex } from '../../src/review/facts/target-index.js'

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const namespace = `atlas-admission-audit-${process.pid}`
await installAtlasCrd(plane.kubectl)
const apply = (object: unknown) =>
  kubectlOutput(plane.kubectl, ['apply', '--filename=-'], { input: JSON.stringify(object) })
const kubectl = (...args: readonly string[]) =>
  kubectlOutput(plane.kubectl, [`--namespace=${namespace}`, ...args])
const remove = (...args: readonly string[]) => plane.kubectl(['delete', '--wait=false', ...args])

await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
t.teardown(() => remove('namespace', namespace))

/** Exactly the rights that the README asks for, less those on reports. */
const grants = [
  [['db.atlasgo.io'], ['atlasmigrations'], ['list', 'watch']],
  [[''], ['configmaps', 'secrets'], ['get']],
  [['coordination.k8s.io'], ['leases'], ['get', 'create', 'update']],
  [['events.k8s.io'], ['events'], ['create', 'patch']],
] as const
const name = namespace
const grantTo = (verbs: typeof grants | readonly (typeof reportGrant)[], role: string) =>
  apply({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: role },
        rules: verbs.map(([apiGroups, resources, verbs]) => ({ apiGroups, resources, verbs })),
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: role },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      },
    ],
  })
const reportGrant = [['openreports.io'], ['reports'], ['create', 'patch']] as const
await apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })
await grantTo(grants, name)
t.teardown(() => remove('clusterrole,clusterrolebinding', name, `${name}-reports`))

/** As much of a Report as is written; what is not in a schema, server-side apply refuses. */
const text = { type: 'string' }
const count = { type: 'integer' }
const object = (properties: object) => ({ type: 'object', properties })
const reference = object({ apiVersion: text, kind: text, namespace: text, name: text, uid: text })
const words = ['pass', 'fail', 'warn', 'error', 'skip']
const reportCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'reports.openreports.io' },
  spec: {
    group: 'openreports.io',
    scope: 'Namespaced',
    names: { kind: 'Report', listKind: 'ReportList', plural: 'reports', singular: 'report' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: object({
            scope: reference,
            summary: object(Object.fromEntries(words.map(word => [word, count]))),
            results: {
              type: 'array',
              items: {
                ...object({
                  source: text,
                  policy: text,
                  rule: text,
                  category: text,
                  message: text,
                  scored: { type: 'boolean' },
                  result: { ...text, enum: words },
                  severity: { ...text, enum: ['critical', 'high', 'low', 'medium', 'info'] },
                  properties: { type: 'object', additionalProperties: text },
                  timestamp: object({ seconds: count, nanos: count }),
                }),
                required: ['policy'],
              },
            },
          }),
        },
      },
    ],
  },
}

await apply(reportCrd)
t.teardown(() => remove('customresourcedefinition', 'reports.openreports.io'))
await kubectl('wait', '--for=condition=Established', 'crd/reports.openreports.io', '--timeout=30s')

const kubeconfig = await serviceAccountKubeconfig(plane, { namespace, name })
const databaseUrl = await createDatabase(await startTestPostgres(t))

interface Replica {
  readonly audit: Audit
  readonly lines: string[]
}

async function startReplica(): Promise<Replica> {
  const lines: string[] = []
  const log = buildLogger({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const cluster = await openKubernetes({
    access: { kind: 'kubeconfig', file: kubeconfig },
    namespaces: [namespace],
  })
  t.teardown(() => cluster.close())
  const reader = buildPostgresReader({ limits: defaultSettings.database, onFailure: () => {} })
  t.teardown(() => reader.close())
  const ports = cluster.openAudit({ onLeaseProblem: reason => void lines.push(reason) })
  const audit = startAudit(
    {
      ...ports,
      cluster,
      dependencies: {
        cluster,
        reader,
        rules,
        targets: new TargetIndex(),
        settings: defaultSettings,
        now: () => new Date(),
      },
      concurrency: 2,
      followsAllKinds: false,
      ready: signal => cluster.whenSynced(signal),
      log,
      monotonic: () => performance.now(),
    },
    { ...auditTiming, intervalMs: 3_600_000, restMs: 500 },
  )
  t.teardown(() => audit.stop())
  return { audit, lines }
}

async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
) {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const found = await look()
    if (found) return found
    await new Promise(resolve => setTimeout(resolve, 200))
  }
  throw new Error(`within 30 s there was no ${what}`)
}

interface List<T> {
  readonly items: readonly T[]
}

interface StoredEvent {
  readonly metadata: { readonly name: string }
  readonly type: string
  readonly reason: string
  readonly action: string
  readonly note: string
  readonly reportingController: string
  readonly series?: { readonly count: number }
  readonly regarding: { readonly kind: string; readonly name: string; readonly uid: string }
}

const list = async <T>(resource: string) =>
  (JSON.parse(await kubectl('get', resource, '--output=json')) as List<T>).items
const eventsOf = async (of: string) =>
  (await list<StoredEvent>('events.events.k8s.io')).filter(({ regarding }) => regarding.name === of)

interface StoredReport {
  readonly metadata: {
    readonly resourceVersion: string
    readonly ownerReferences: readonly { readonly uid: string }[]
  }
  readonly scope: { readonly name: string; readonly uid: string }
  readonly summary: Readonly<Record<string, number>>
  readonly results: readonly { readonly rule?: string; readonly result: string }[]
}
const reportOf = async (of: string) =>
  (await list<StoredReport>('reports.openreports.io')).find(({ scope }) => scope.name === of)

const [schema] = parseAllDocuments(await readFile('deploy/examples/directories.yaml', 'utf8')).map(
  document => document.toJS() as { readonly data: Readonly<Record<string, string>> },
)
const { 'atlas.sum': _sum, ...withoutSum } = schema?.data ?? {}
const migration = (name: string, local: unknown) => ({
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { name, namespace },
  spec: { url: databaseUrl, dir: { local } },
})

const replicas = [await startReplica(), await startReplica()]
const leaders = () => replicas.filter(({ audit }) => audit.observe().leads)

void t.test('of two replicas one audits, and its Lease says so', async t => {
  await until('leader', () => leaders().length > 0)
  await new Promise(resolve => setTimeout(resolve, 3000))
  t.equal(leaders().length, 1)
  const lease = await kubectlOutput(plane.kubectl, [
    `--namespace=${namespace}`,
    'get',
    'lease/atlas-admission-audit',
    '--output=json',
  ])
  const { spec } = JSON.parse(lease) as { spec: { holderIdentity: string; renewTime: string } }
  t.match(spec.holderIdentity, /_[0-9a-f-]{36}$/)
  t.match(spec.renewTime, /^\d{4}-.*\.\d{6}Z$/)
})

void t.test(
  'within seconds after a change there is an Event, and the missing right is named',
  async t => {
    await apply(migration('broken', withoutSum))
    const [event] = await until('Event', async () => {
      const events = await eventsOf('broken')
      return events.length > 0 && events
    })
    t.match(event, {
      type: 'Warning',
      reason: 'ChecksumMissing',
      action: 'Audit',
      reportingController: 'atlas-admission.io/audit',
      regarding: { kind: 'AtlasMigration', name: 'broken' },
    })
    t.match(await kubectl('describe', 'atlasmigration/broken'), /Warning\s+ChecksumMissing/)
    const right = 'no right to patch reports.openreports.io'
    await until('word of the missing right', () =>
      leaders()[0]?.lines.some(line => line.includes(right)),
    )
  },
)

void t.test('with the right there is a report, owned by its AtlasMigration', async t => {
  await grantTo([reportGrant], `${name}-reports`)
  // Failed writes rest for half a minute, so another process begins.
  const [leader] = leaders()
  await leader?.audit.stop()
  t.notOk(leader?.audit.observe().leads)
  await until('other leader', () => leaders().length > 0)
  const report = await until('report', () => reportOf('broken'))
  t.match(report.summary, { fail: 1, pass: 0 })
  t.match(report.results[0], { rule: 'checksum-missing', result: 'fail' })
  t.equal(report.metadata.ownerReferences[0]?.uid, report.scope.uid)
})

void t.test('the new leader finds the Event that is there', async t => {
  const event = await until('series', async () =>
    (await eventsOf('broken')).find(({ series }) => series !== undefined),
  )
  t.equal(event.series?.count, 2)
  t.equal((await eventsOf('broken')).length, 1)
})

void t.test('after the repair the report passes, and an Event says that it is gone', async t => {
  await apply(migration('broken', schema?.data))
  const report = await until('report that passes', async () => {
    const report = await reportOf('broken')
    return report?.summary['pass'] === 1 && report
  })
  t.match(report.summary, { fail: 0, pass: 1 })
  const events = await eventsOf('broken')
  t.match(
    events.find(({ type }) => type === 'Normal'),
    { note: 'no longer found' },
  )
  await kubectl('annotate', 'atlasmigration/broken', 'touched=yes')
  await new Promise(resolve => setTimeout(resolve, 2 * auditTiming.debounceMs))
  t.equal((await reportOf('broken'))?.metadata.resourceVersion, report.metadata.resourceVersion)
})

const configMap = (data: unknown) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'directory', namespace },
  data,
})

/** A warning of admission reaches nobody under Flux; an Event does. */
void t.test('what admission only warns of is an Event within seconds', async t => {
  const started = Date.now()
  const { spec, ...object } = migration('early', {})
  const dir = { configMapRef: { name: 'directory' } }
  await apply({ ...object, spec: { ...spec, dir } })
  await until('Event', async () =>
    (await eventsOf('early')).find(({ reason }) => reason === 'ConfigmapNotFound'),
  )
  t.ok(Date.now() - started < 8000)
})

void t.test(
  'a ConfigMap that another replica admitted shows when the operator says so',
  async t => {
    const started = Date.now()
    await apply(configMap(withoutSum))
    const status =
      '{"status":{"conditions":[{"type":"Ready","status":"False","reason":"Migrating","message":"","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}'
    await kubectl(
      'patch',
      'atlasmigration/early',
      '--subresource=status',
      '--type=merge',
      `--patch=${status}`,
    )
    await until('Event', async () =>
      (await eventsOf('early')).find(({ reason }) => reason === 'ChecksumMissing'),
    )
    t.ok(Date.now() - started < 8000)
  },
)

void t.test(
  'an object that goes takes its report with it',
  { skip: !plane.hasControllers },
  async () => {
    await kubectl('delete', 'atlasmigration/broken')
    await until('collection', async () => (await reportOf('broken')) === undefined)
  },
)
