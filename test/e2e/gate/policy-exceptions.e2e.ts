import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { ruleIds, rules } from '../../../src/policy/rules/catalogue.js'
import { parseSettings } from '../../../src/policy/settings/parse.js'
import { buildReviewer } from '../../../src/review/reviewer.js'
import { fakeCluster, fakeReader } from '../../review/fakes.js'
import { installAtlasCrd } from '../control-plane/atlas-crd.js'
import { eventually } from '../control-plane/eventually.js'
import { kubectlOutput } from '../control-plane/kubectl.js'
import { obtainControlPlane } from '../control-plane/obtain-control-plane.js'
import { runProgram } from '../programs/run-program.js'
import type { ManifestObject } from './installed-manifest.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'

/*
 * Where the policy file makes an exception, the API server must not deny what the webhook would let through. The chart
 * translates the file into CEL; here both judge the same objects under the same file.
 */

const values = join('deploy', 'chart', 'ci', 'policy.yaml')
const { policy } = parse(await readFile(values, 'utf8')) as { readonly policy: unknown }
const settings = parseSettings(stringify(policy), ruleIds)
if ('mistakes' in settings) throw new Error(`${values} has mistakes`)

const url = 'postgres://app@db.example.com/app'
const files = { configMapRef: { name: 'files' } }
const noDirectory = { url, dir: {} }
const noTarget = { dir: files }
const two = { url, dir: { ...files, local: {} } }
const noName = { url, dir: files, config: 'env "a" {}' }
const allow = { 'atlas-admission.io/allow': 'multiple-directories: agreed' }
const webhookOnly = 'webhook'

/** The rule that both deny by; `webhook`: only the webhook does; null: neither. */
type Verdict = string | null

const cases: readonly [
  title: string,
  verdict: Verdict,
  path: string,
  spec: object,
  more?: object,
][] = [
  ['nothing is said of the namespace', 'directory-missing', 'shop/a', noDirectory],
  ['a namespace that only warns', null, 'web-staging/a', noDirectory],
  ['a name that only begins like it', 'directory-missing', 'web-staging-two/a', noDirectory],
  ['a glob with ? and *', null, 'preview-1/a', noDirectory],
  ['and without what ? stands for', 'directory-missing', 'preview/a', noDirectory],
  ['a rule that only audits there', null, 'payments/a', noName],
  ['another rule there', 'directory-missing', 'payments/a', noDirectory],
  ['an exemption by name', null, 'legacy/billing-1', noTarget],
  ['another name there', 'target-missing', 'legacy/shop', noTarget],
  ['another rule of that name', 'directory-missing', 'legacy/billing-1', noDirectory],
  ['an exemption from every rule', null, 'sandbox/a', noDirectory],
  ['an override that is allowed', null, 'shop/a', two, allow],
  ['no override', 'multiple-directories', 'shop/a', two],
  [
    'an override of another rule',
    webhookOnly,
    'shop/a',
    two,
    { 'atlas-admission.io/allow': 'x: y' },
  ],
  ['an override that is not allowed', 'directory-missing', 'shop/a', noDirectory, allow],
  ['a rule that only warns', null, `shop/${'n'.repeat(64)}`, { url, dir: files }],
]

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const { kubectl } = plane
await installAtlasCrd(kubectl)
const namespaces = [...new Set(cases.map(([, , path]) => path.split('/')[0] ?? ''))]
for (const name of namespaces) await kubectl(['create', 'namespace', name])
t.teardown(() => kubectl(['delete', 'namespace', ...namespaces, '--wait=false']))

const rendering = await runProgram(process.execPath, ['deploy/chart/chart.mjs', 'render', values])
const skip = rendering.stderr.startsWith('there is no Helm') && rendering.stderr
const policies = parseAllDocuments(rendering.stdout)
  .map(document => document.toJS() as ManifestObject | null)
  .filter(object => object?.kind.startsWith('ValidatingAdmissionPolicy'))
const installed = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: policies })
if (!skip) await kubectlOutput(kubectl, ['apply', '--filename=-'], { input: installed })
t.teardown(() => kubectl(['delete', '--filename=-'], { input: installed }))

const reviewer = buildReviewer({
  cluster: fakeCluster(),
  reader: fakeReader({
    app: { kind: 'failed', failure: 'unreachable', message: 'none is there' },
  }),
  rules,
  targets: new TargetIndex(),
  settings: settings.settings,
  now: () => new Date('2026-12-01T00:00:00Z'),
})

function objectOf(path: string, spec: object, annotations: object = {}) {
  const [namespace = '', name = ''] = path.split('/')
  const metadata = { name, namespace, annotations }
  return { apiVersion: 'db.atlasgo.io/v1alpha1', kind: 'AtlasMigration', metadata, spec }
}

async function deniedByCel(object: object): Promise<string | null> {
  const create = ['create', '--dry-run=server', '--filename=-']
  const { code, stderr } = await kubectl(create, { input: JSON.stringify(object) })
  return code === 0 ? null : (/denied request: \[([a-z-]+)\]/.exec(stderr)?.[1] ?? stderr)
}

async function deniedByWebhook(object: ReturnType<typeof objectOf>): Promise<readonly string[]> {
  const answer = await reviewer.review(
    {
      uid: '1',
      kind: { group: 'db.atlasgo.io', version: 'v1alpha1', kind: 'AtlasMigration' },
      operation: 'CREATE',
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      object,
      oldObject: null,
      dryRun: true,
    },
    { at: Date.now() + 10_000, signal: AbortSignal.timeout(10_000) },
  )
  return answer.findings.filter(({ result }) => result === 'denied').map(({ rule }) => rule)
}

void t.test('exceptions of the policy file', { skip }, async t => {
  const refused = async () => (await deniedByCel(objectOf('shop/a', noDirectory))) !== null
  t.ok(await eventually(refused, 30_000), 'the policy comes into force')
  for (const [title, verdict, path, spec, annotations] of cases) {
    const object = objectOf(path, spec, annotations)
    t.equal(await deniedByCel(object), verdict === webhookOnly ? null : verdict, `${title}: CEL`)
    const denied = await deniedByWebhook(object)
    t.equal(denied.length > 0, verdict !== null, `${title}: webhook`)
    if (verdict !== null && verdict !== webhookOnly)
      t.ok(denied.includes(verdict), `${title}: same rule`)
  }
})
