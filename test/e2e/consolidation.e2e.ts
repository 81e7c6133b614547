import { join } from 'node:path'
import t from 'tap'
import { makeFolder, runProgram } from '../cli/program.js'
import { createDatabase, startTestPostgres } from '../database/test-postgres.js'
import { migrate } from '../engine/live/live-gate.js'
import { buildApiClient } from './objects/api-calls.js'
import { configMap, hashed, migration, type Texts } from './objects/cluster-objects.js'
import { installAtlasCrd } from './control-plane/atlas-crd.js'
import { kubectlOutput } from './control-plane/kubectl.js'
import { obtainControlPlane } from './control-plane/obtain-control-plane.js'
import { installGate } from './gate/installed-gate.js'
import { reconcile } from './objects/stand-in-operator.js'

// The machine that runs these may be busy.
t.setTimeout(120_000)

/* From two directories on one table to one, by the built program, kubectl and the gate in front of a real API server. */

const plane = await obtainControlPlane()
t.teardown(() => plane.stop())
await installAtlasCrd(plane.kubectl)
const namespace = `atlas-admission-e2e-${process.pid}`
await plane.kubectl(['create', 'namespace', namespace])
t.teardown(() => plane.kubectl(['delete', 'namespace', namespace, '--wait=false']))
const postgres = await startTestPostgres(t)
const url = await createDatabase(postgres)
const kubectl = (...args: readonly string[]) => plane.kubectl([`--namespace=${namespace}`, ...args])

/** Texts that YAML is known to change on the way. */
const schema = hashed({
  '20250101_users.sql': 'CREATE TABLE users (\n\tid int PRIMARY KEY,  \n\n  email text\n);',
  '20250301_orders.sql': '-- \ufeff é 😀\r\nCREATE TABLE orders (id int);\r\n\r\n',
  '20250302_items.sql': '  CREATE TABLE items (id int);\n\n\n',
})
const seed = hashed({
  '20250201_seed.sql': "\tINSERT INTO users VALUES (1, '\u0085\u2028 a # : ');\n  ",
})
const union = (...directories: readonly Texts[]) => {
  const { 'atlas.sum': _sum, ...files } = Object.assign({}, ...directories) as Texts
  return hashed(files)
}

async function send(verb: string, ...items: readonly unknown[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
  await kubectlOutput(plane.kubectl, [verb, '--filename=-'], { input })
}

const of = (name: string) => migration(namespace, name, { url, dir: { configMapRef: { name } } })

await migrate(url, schema)
await migrate(url, seed)
// As users have it when they come to know of the gate.
await send('create', configMap(namespace, 'schema', schema), configMap(namespace, 'seed', seed))
await send('create', of('schema'), of('seed'))
const gate = await installGate(t, plane)
const api = await buildApiClient(plane.kubeconfig)

void t.test('two directories become one, and every write on the way is admitted', async t => {
  await t.rejects(reconcile(api, { namespace, name: 'schema', url }), 'down')

  const merged = join(makeFolder(t), 'merged')
  const { code, stdout, stderr } = await runProgram(t, [
    'consolidate',
    `migration:${namespace}/schema`,
    `migration:${namespace}/seed`,
    '--kubernetes',
    '--kubeconfig',
    plane.kubeconfig,
    '--configmap',
    `${namespace}/merged`,
    '--output',
    merged,
  ])
  t.equal(code, 0, stderr)
  t.match(stdout, 'the operator will be Ready, with nothing to run')

  const built = await kubectl('kustomize', merged)
  t.equal(built.code, 0, built.stderr)
  // Not by kustomize, which prints the text anew and loses U+0085.
  const applied = await kubectl('apply', `--filename=${join(merged, 'configmap.yaml')}`)
  t.equal(applied.code, 0, applied.stderr)
  const stored = JSON.parse(
    await kubectlOutput(plane.kubectl, [
      `--namespace=${namespace}`,
      'get',
      'configmap/merged',
      '--output=json',
    ]),
  ) as { readonly data: Texts }
  t.strictSame(stored.data, union(schema, seed), 'every byte has arrived')

  const [, patch = ''] = /kubectl patch atlasmigration schema .* -p '(.*)'/.exec(stdout) ?? []
  const patched = await kubectl(
    'patch',
    'atlasmigration/schema',
    '--type=merge',
    `--patch=${patch}`,
  )
  t.equal(patched.code, 0, patched.stderr)
  await gate.catchUp()
  for (const name of ['atlasmigration/seed', 'configmap/seed', 'configmap/schema']) {
    const deleted = await kubectl('delete', name)
    t.equal(deleted.code, 0, deleted.stderr)
  }
  await t.resolves(reconcile(api, { namespace, name: 'schema', url }), 'the operator is Ready')
})
