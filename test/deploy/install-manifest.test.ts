import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { serveCommand } from '../../src/cli/serve/command.js'
import { buildAddressGuard } from '../../src/database/address/address-guard.js'
import type { CelTwin } from '../../src/policy/facts/finding.js'
import { rules } from '../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import { Metrics } from '../../src/webhook/metrics/metrics.js'

/* What must never slip in what is installed. That the API server takes it and does as it says is for test/e2e. */

type Fields = Readonly<Record<string, unknown>>

interface Entry extends Fields {
  readonly kind: string
  readonly metadata: { readonly name: string }
}

const chart = join('deploy', 'chart', 'atlas-admission')
const text = readFileSync('deploy/install.yaml', 'utf8')
const objects = parseAllDocuments(text).map(document => document.toJS() as Entry)

const only = (kind: string, name?: string): Entry => {
  const [object] = objects.filter(
    ({ kind: its, metadata }) => its === kind && metadata.name === (name ?? metadata.name),
  )
  if (!object) throw new Error(`no ${kind} in deploy/install.yaml`)
  return object
}
const readChart = (...path: readonly string[]) => readFileSync(join(chart, ...path), 'utf8')
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Fields

void t.test('install.yaml was made from the chart as it is', async t => {
  const module = pathToFileURL(resolve('deploy/chart/manifest-digest.mjs')).href
  const { chartDigest } = (await import(module)) as { readonly chartDigest: () => string }
  t.equal(/^# chart sha256: (\w+)$/m.exec(text)?.[1], chartDigest(), 'else: npm run manifest')
})

void t.test('the value policy is checked like the policy file', t => {
  const { definitions, properties, ...policy } = readJson('deploy/policy.schema.json')
  const values = readJson(join(chart, 'values.schema.json'))
  const { $schema: _schema, title: _title, ...rest } = policy
  const expected = { ...(definitions as object), policy: { ...rest, properties } }
  t.strictSame(values['definitions'], expected, 'else: npm run manifest')
  t.end()
})

const container = {
  args: [
    'serve',
    '--kubernetes',
    '--listen=0.0.0.0:8443',
    '--metrics-listen=0.0.0.0:8081',
    '--policy=/etc/atlas-admission/policy/policy.yaml',
    '--drain-delay=10s',
    '--log-level=info',
  ],
  startupProbe: { httpGet: { path: '/startupz', port: 'https', scheme: 'HTTPS' } },
  readinessProbe: { httpGet: { path: '/readyz', port: 'https', scheme: 'HTTPS' } },
  livenessProbe: { httpGet: { path: '/livez', port: 'https', scheme: 'HTTPS' } },
  resources: { requests: { cpu: String, memory: String }, limits: { memory: String } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
}
const pod = {
  // The drain delay, at most 35 s for calls in flight, and 5 s to close.
  terminationGracePeriodSeconds: 50,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  affinity: { podAntiAffinity: {} },
  topologySpreadConstraints: [{ topologyKey: 'topology.kubernetes.io/zone' }],
  containers: [container],
}
const validating = only('ValidatingWebhookConfiguration')['webhooks'] as readonly Fields[]
const [migrations, configMaps, secrets] = validating
const everyWebhook = {
  matchPolicy: 'Equivalent',
  sideEffects: 'NoneOnDryRun',
  timeoutSeconds: 10,
  admissionReviewVersions: ['v1'],
  namespaceSelector: {
    matchExpressions: [
      {
        key: 'kubernetes.io/metadata.name',
        operator: 'NotIn',
        values: ['kube-system', 'atlas-admission'],
      },
    ],
  },
}

const properties: readonly [title: string, found: unknown, expected: object][] = [
  [
    'the namespace takes restricted pods only',
    only('Namespace'),
    {
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    },
  ],
  [
    'two replicas, and never fewer while they are replaced',
    only('Deployment')['spec'],
    {
      replicas: 2,
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: { spec: pod },
    },
  ],
  ['a node can be drained', only('PodDisruptionBudget')['spec'], { maxUnavailable: 1 }],
  [
    'the account gives its token to nobody unasked',
    only('ServiceAccount'),
    {
      automountServiceAccountToken: false,
    },
  ],
  [
    'AtlasMigrations fail closed',
    migrations,
    {
      ...everyWebhook,
      failurePolicy: 'Fail',
      rules: [{ resources: ['atlasmigrations'], operations: ['CREATE', 'UPDATE'] }],
      matchConditions: [{ name: 'not-terminating' }, { name: 'spec-changed' }],
    },
  ],
  [
    'ConfigMaps fail open, and only those with migrations are asked about',
    configMaps,
    {
      ...everyWebhook,
      failurePolicy: 'Ignore',
      rules: [{ resources: ['configmaps'], operations: ['CREATE', 'UPDATE', 'DELETE'] }],
      matchConditions: [{ name: 'holds-migrations' }, { name: 'content-changed' }],
    },
  ],
  [
    'Secrets fail open, and are sent by their label only',
    secrets,
    {
      ...everyWebhook,
      failurePolicy: 'Ignore',
      objectSelector: { matchLabels: { 'atlas-admission.io/database': 'true' } },
      matchConditions: [{ name: 'content-changed' }],
    },
  ],
  [
    'the rules in the API server never stop it',
    only('ValidatingAdmissionPolicy', 'atlas-admission')['spec'],
    {
      failurePolicy: 'Ignore',
      matchConditions: [{ name: 'not-terminating' }, { name: 'spec-changed' }],
    },
  ],
  [
    'they deny',
    only('ValidatingAdmissionPolicyBinding', 'atlas-admission')['spec'],
    { policyName: 'atlas-admission', validationActions: ['Deny'] },
  ],
  [
    'our own account is held to the caBundle of webhook configurations',
    only('ValidatingAdmissionPolicy', 'atlas-admission-own-configurations')['spec'],
    {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            resources: ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'],
            operations: ['CREATE', 'UPDATE', 'DELETE'],
          },
        ],
      },
      matchConditions: [
        {
          expression:
            "request.userInfo.username == 'system:serviceaccount:atlas-admission:atlas-admission'",
        },
      ],
    },
  ],
  [
    'and refused what is more',
    only('ValidatingAdmissionPolicyBinding', 'atlas-admission-own-configurations')['spec'],
    { policyName: 'atlas-admission-own-configurations', validationActions: ['Deny'] },
  ],
]
for (const [title, found, expected] of properties) {
  void t.test(title, t => {
    t.match(found, expected)
    t.end()
  })
}

void t.test('nothing may do more than it says', t => {
  const grants = objects
    .filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role')
    .flatMap(({ rules }) => rules as readonly { readonly [key: string]: readonly string[] }[])
  t.ok(grants.length > 5)
  for (const { apiGroups = [], resources = [], verbs = [], resourceNames = [] } of grants) {
    const title = resources.join()
    t.notOk([...apiGroups, ...resources, ...verbs].includes('*'), title)
    t.notMatch(verbs.join(), /delete|impersonate|bind|escalate/, title)
    if (
      resources.some(name => ['secrets', 'configmaps'].includes(name)) &&
      resourceNames.length === 0
    )
      t.strictSame(verbs, ['get'], title)
    if (!/webhook/.test(title)) continue
    t.strictSame(resourceNames, ['atlas-admission'], title)
    t.strictSame(resources, ['validatingwebhookconfigurations'], 'no mutating one is installed')
  }
  t.end()
})

void t.test('what a condition costs does not grow with the keys of a ConfigMap', t => {
  const conditions = configMaps?.['matchConditions'] as readonly { readonly expression: string }[]
  const loops = conditions.filter(({ expression }) => /\(k, /.test(expression))
  t.equal(loops.length, 1)
  // Before the loop, or a condition that fails for its cost skips the call.
  for (const { expression } of loops)
    t.match(expression, /size\(d\.orValue\(\{\}\)\) > 1000 \|\| d\.orValue\(\{\}\)\.exists\(k, /)
  t.end()
})

void t.test('its head says what it lets whom do', t => {
  const head = text.slice(0, text.indexOf('\n---'))
  for (const word of [/every Secret of the cluster/, /port 8443/, /no NetworkPolicy/])
    t.match(head, word)
  t.notOk(objects.some(({ kind }) => kind === 'NetworkPolicy'))
  t.end()
})

void t.test(
  'a NetworkPolicy of the chart spares only addresses that are refused as databases',
  t => {
    const template = readChart('templates', 'network-policy.yaml')
    const spared = [...template.matchAll(/except: \[(.*)\]/g)]
      .flatMap(([, list = '']) => list.split(','))
      .map(range => range.trim().replaceAll("'", ''))
    t.equal(spared.length, 7)
    const guard = buildAddressGuard(defaultSettings.database)
    for (const range of spared) t.notOk(guard.allows('db', range.replace(/\/.*/, '')), range)
    t.end()
  },
)

void t.test(
  'no template makes keys or asks the cluster, so that every rendering is the same',
  t => {
    const forbidden = /\{\{[^}]*\b(gen[A-Z]\w+|lookup|rand[A-Z]\w+|now|uuidv4)\b/
    const templates = readdirSync(join(chart, 'templates'), { recursive: true, encoding: 'utf8' })
    for (const file of templates.filter(name => /\.\w+$/.test(name)))
      t.notMatch(readChart('templates', file), forbidden, file)
    t.notMatch(text, /\bcaBundle:/, 'an empty one would take away the one that was set')
    t.notOk('data' in only('Secret'))
    t.end()
  },
)

void t.test('the container is started with options and variables that exist', t => {
  const [{ args, env }] = (
    only('Deployment') as unknown as {
      readonly spec: {
        readonly template: {
          readonly spec: {
            readonly containers: readonly [
              {
                readonly args: readonly string[]
                readonly env: readonly { readonly name: string }[]
              },
            ]
          }
        }
      }
    }
  ).spec.template.spec.containers
  const options = serveCommand.options.map(({ name }) => `--${name}`)
  const variables = serveCommand.options.map(({ environment }) => environment)
  for (const arg of args.slice(1)) t.ok(options.includes(arg.replace(/=.*/, '')), arg)
  for (const { name } of env) t.ok(name === 'NODE_OPTIONS' || variables.includes(name), name)
  t.end()
})

/** A text of several lines in the source is one line of CEL. */
function foldTexts(cel: CelTwin): Record<string, string> {
  const fold = (text: string) => text.trim().replaceAll(/\s*\n\s*/g, ' ')
  return Object.fromEntries(Object.entries(cel).map(([field, text]) => [field, fold(text)]))
}

void t.test('the rules in the API server are rules that deny, said in as few words', t => {
  const specRules = parse(readChart('spec-rules.yaml')) as readonly { id: string }[]
  const twins = rules.filter(({ cel }) => cel)
  t.strictSame(
    specRules,
    twins.map(({ id, since, cel }) => ({ id, since, ...foldTexts(cel!) })),
    'npm run manifest makes spec-rules.yaml of src/policy/rules',
  )
  const { spec } = only('ValidatingAdmissionPolicy', 'atlas-admission') as unknown as {
    readonly spec: {
      readonly validations: readonly {
        readonly messageExpression: string
        readonly reason: string
      }[]
    }
  }
  t.equal(spec.validations.length, specRules.length)
  for (const [index, { id, severity, evidence }] of twins.entries()) {
    t.strictSame([severity, evidence], ['deny', 'spec'], id)
    t.equal(spec.validations[index]?.reason, 'Forbidden')
    t.ok(spec.validations[index]?.messageExpression.startsWith(`'[${id}] AtlasMigration '`), id)
  }
  t.end()
})

void t.test('alerts and dashboard ask for metrics that exist', async t => {
  const metrics = new Metrics({ version: '0', processMetrics: true })
  const cluster = { migrations: 0, unreadable: 0, up: true, restarts: 0, lastEventAge: 0 }
  metrics.watchCluster(() => cluster)
  metrics.watchRotation(() => ({ authorityExpiresAt: null, trusted: true }))
  metrics.watchAudit(() => ({
    leads: false,
    findings: new Map(),
    migrations: null,
    lastRun: null,
    failedWrites: { events: 0, reports: 0 },
  }))
  const exposed = new Set(
    [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(match => match[1] ?? ''),
  )
  const queries = readChart('alerts.yaml') + readChart('dashboards', 'atlas-admission.json')
  const asked = new Set(queries.match(/\b(atlas_admission|process)_\w+/g))
  t.ok(asked.size > 8)
  for (const name of asked) t.ok(exposed.has(name.replace(/_(bucket|count|sum)$/, '')), name)
})
