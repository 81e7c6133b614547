import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import type { AtlasMigrationSpec } from '../../../src/policy/facts/atlas-migration.js'
import { buildReviewer } from '../../../src/review/reviewer.js'
import { fakeCluster } from '../../review/fakes.js'
import { installAtlasCrd } from '../control-plane/atlas-crd.js'
import { eventually } from '../control-plane/eventually.js'
import { kubectlOutput } from '../control-plane/kubectl.js'
import { obtainControlPlane } from '../control-plane/obtain-control-plane.js'
import { readManifestObject } from './installed-manifest.js'
import { cases, fine, unapprovedDown } from './policy-cases.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'

/*
 * The rules in the API server (CEL) against our own, on the same objects: what CEL denies, the webhook would deny by the
 * same rule, and what the webhook denies by one of these rules, CEL denies, but where the case says that CEL cannot know.
 */

interface Written {
  readonly metadata: { readonly name: string; readonly namespace: string }
}

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
const { kubectl } = plane
const namespace = `atlas-admission-e2e-${process.pid}`
await installAtlasCrd(kubectl)
await kubectlOutput(kubectl, ['create', 'namespace', namespace])
t.teardown(() => kubectl(['delete', 'namespace', namespace, '--wait=false']))

const nameOf = (index: number) => cases[index]?.[2].name ?? `case-${index}`
const objectOf = (index: number, spec: AtlasMigrationSpec) => ({
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { name: nameOf(index), namespace },
  spec,
})

/** All of them in one call, each accepted or refused for itself; those accepted as the API server would store them. */
async function send(args: readonly string[], items: readonly unknown[]) {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  const run = await kubectl([...args, '--output=json', '--filename=-'], { input })
  const printed = run.stdout
    .split(/(?<=^\})\n/m)
    .filter(Boolean)
    .map(parsePrinted)
  const accepted = new Map(printed.map(object => [object.metadata.name, object]))
  return { accepted, errors: run.stderr.split('\n') }
}

/** kubectl prints one object after the other, each ending in a line with a brace. */
function parsePrinted(text: string): Written {
  return JSON.parse(text) as Written
}

const created = cases.flatMap(([, , { before, after }], index) =>
  before ? [] : [objectOf(index, after)],
)
const old = cases.flatMap(([, , { before }], index) => (before ? [objectOf(index, before)] : []))
const updated = cases.flatMap(([, , { before, after }], index) =>
  before ? [objectOf(index, after)] : [],
)

async function sendAll() {
  const create = await send(['create', '--dry-run=server'], created)
  const replace = await send(['replace', '--dry-run=server'], updated)
  return {
    accepted: new Map([...create.accepted, ...replace.accepted]),
    errors: [...create.errors, ...replace.errors],
  }
}

const before = await send(['create'], old)
const unguarded = await sendAll()

/** Here an expression that fails must show. */
const policy = await readManifestObject('ValidatingAdmissionPolicy')
const guard = { ...policy, spec: { ...(policy['spec'] as object), failurePolicy: 'Fail' } }
const binding = await readManifestObject('ValidatingAdmissionPolicyBinding')
const installed = { apiVersion: 'v1', kind: 'List', items: [guard, binding] }
await kubectlOutput(kubectl, ['apply', '--filename=-'], { input: JSON.stringify(installed) })
t.teardown(() => kubectl(['delete', '--filename=-'], { input: JSON.stringify(installed) }))
const probe = objectOf(
  cases.findIndex(([title]) => title === 'no directory'),
  { dir: {} },
)
const isRefused = async () =>
  (await send(['create', '--dry-run=server'], [probe])).accepted.size === 0
const inForce = await eventually(isRefused, 30_000)

const guarded = await sendAll()

const specRules = parse(
  await readFile('deploy/chart/atlas-admission/spec-rules.yaml', 'utf8'),
) as readonly { readonly id: string }[]
const inCel = new Set(specRules.map(({ id }) => id))

/** What the webhook would say of the same objects: in a cluster without anything else, and no database reached. */
const reviewer = buildReviewer({
  cluster: fakeCluster(),
  reader: {
    readTable: async () => ({ kind: 'failed', failure: 'unreachable', message: 'none is there' }),
    readIdentity: async () => null,
  },
  rules,
  targets: new TargetIndex(),
  settings: defaultSettings,
  now: () => new Date(),
})

async function deniedByWebhook(name: string): Promise<readonly string[]> {
  const oldObject = before.accepted.get(name) ?? null
  const answer = await reviewer.review(
    {
      uid: name,
      kind: { group: 'db.atlasgo.io', version: 'v1alpha1', kind: 'AtlasMigration' },
      operation: oldObject ? 'UPDATE' : 'CREATE',
      namespace,
      name,
      object: unguarded.accepted.get(name),
      oldObject,
      dryRun: true,
    },
    { at: Date.now() + 10_000, signal: AbortSignal.timeout(10_000) },
  )
  const denied = answer.findings.filter(({ result }) => result === 'denied').map(({ rule }) => rule)
  return denied.filter(rule => inCel.has(rule))
}

/** The rule in the API server's refusal, or all of it when there is none. */
function deniedByCel(name: string): string | null {
  const error = guarded.errors.find(line => line.includes(`"${name}" is forbidden`))
  if (error === undefined) return guarded.accepted.has(name) ? null : 'neither answer'
  return /denied request: \[([a-z-]+)\] AtlasMigration /.exec(error)?.[1] ?? error
}

void t.test('every object is accepted until the policy is in force', t => {
  t.strictSame(unguarded.errors.filter(Boolean), [])
  t.equal(unguarded.accepted.size, cases.length)
  t.ok(inForce)
  t.end()
})

for (const [index, [title, verdict]] of cases.entries()) {
  void t.test(title, async t => {
    const name = nameOf(index)
    const webhook = await deniedByWebhook(name)
    const cel = deniedByCel(name)
    if (verdict?.startsWith('webhook:')) {
      t.strictSame(webhook, [verdict.slice('webhook:'.length)])
      t.equal(cel, null)
    } else {
      t.equal(cel, verdict)
      t.equal(webhook[0] ?? null, verdict)
    }
  })
}

void t.test('the refusal reads like that of the webhook', t => {
  const name = nameOf(cases.findIndex(([title]) => title === 'no directory'))
  t.match(
    guarded.errors.find(line => line.includes(`"${name}" is forbidden`)),
    `[directory-missing] AtlasMigration ${namespace}/${name}: spec.dir names no migration directory ` +
      '("no directory specified"); fix: set spec.dir.configMapRef.name',
  )
  t.end()
})

const our = (verb: string, name: string, ...more: readonly string[]) =>
  kubectl([verb, `atlasmigration/${name}`, `--namespace=${namespace}`, ...more])
const patch = (name: string, text: string) => our('patch', name, '--type=merge', `--patch=${text}`)

void t.test('an object with an old problem can be labelled and deleted', async t => {
  const name = nameOf(cases.findIndex(([title]) => title === 'an old invalid flow'))
  const metadata = '{"metadata":{"labels":{"a":"b"},"finalizers":["example.com/hold"]}}'
  t.equal((await patch(name, metadata)).code, 0)
  t.equal((await our('delete', name, '--wait=false')).code, 0)
  const changed = await patch(name, '{"spec":{"url":"","dir":{"configMapRef":null}}}')
  t.equal(changed.code, 0, 'what is being deleted is not judged')
  const freed = await patch(name, '{"metadata":{"finalizers":null}}')
  t.equal(freed.code, 0, freed.stderr)
})

void t.test('a directory as large as an object can be is judged', async t => {
  const data = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [`${index}_a.sql`, '-- comment\n'.repeat(200)]),
  )
  const large = (more: object) => ({ ...objectOf(-1, { ...fine, dir: { local: data }, ...more }) })
  const named = (object: object) => ({ ...object, metadata: { name: 'large', namespace } })
  const made = await send(['create'], [named(large({}))])
  t.strictSame(made.errors.filter(Boolean), [])
  const good = await send(['replace'], [named(large({ baseline: '1' }))])
  t.strictSame(good.errors.filter(Boolean), [])
  const wrong = await send(['replace'], [named(large({ baseline: '1', ...unapprovedDown }))])
  t.match(wrong.errors.join('\n'), '[down-flow-invalid]')
})
