import { test } from 'tap'
import { reviewOf } from '../webhook/running-server.js'
import { configMap, filesOf, migration } from '../review/fakes.js'
import { startAttackedGate } from './harness/attacked-gate.js'

/** What /livez may take. It needs a few rounds of the event loop. */
const mostMs = 250

function migrationOf(config: string): unknown {
  return {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name: 'hostile', namespace: 'tenant' },
    spec: { envName: 'a', config, dir: { configMapRef: { name: 'files' } } },
  }
}

const configs: readonly (readonly [title: string, config: string])[] = [
  ['64 KiB of comments that do not close', 'a = 1 /* '.repeat(65_536 / 9)],
  ['256 KiB of them', 'a = 1 /* '.repeat(262_144 / 9)],
  ['a megabyte of quotes', 'a = "'.repeat(1_000_000 / 5)],
  ['a megabyte of braces', `a = ${'({'.repeat(500_000)}`],
]

const files = configMap('files', filesOf('1', '2'))

/** Files without atlas.sum: the operator refuses them, so the write is denied without a database. */
const badWrite = reviewOf({
  kind: { group: '', version: 'v1', kind: 'ConfigMap' },
  name: undefined,
  operation: 'UPDATE',
  object: { ...files, data: { '1_x.sql': 'SELECT 1;' } },
  oldObject: files,
})

const neighbours = [
  migration('neighbour', { dir: { configMapRef: { name: 'files' } } }),
  { apiVersion: 'v1', kind: 'ConfigMap', ...files },
]

void test('No atlas.hcl of a tenant keeps the gate from answering others', async t => {
  const gate = await startAttackedGate(t, { objects: neighbours })
  for (const [title, config] of configs) {
    const liveness = await gate.watchLiveness()
    const object = migrationOf(config)
    const attack = gate.post(reviewOf({ operation: 'CREATE', object }))
    const denied = await gate.post(badWrite)
    const { response } = await attack
    const { answerMs, blockedMs } = await liveness.stop()
    t.comment(`${title}: the longest answer of /livez took ${answerMs} ms`)
    t.ok(response.allowed, `${title}: it is judged`)
    t.notOk(denied.response.allowed, `${title}: the bad write of a neighbour is denied meanwhile`)
    t.ok(blockedMs < mostMs, `${title}: the event loop turns meanwhile (${blockedMs} ms)`)
  }
  t.ok(gate.isAlive())
})
