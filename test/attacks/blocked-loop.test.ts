import { test } from 'tap'
import { reviewOf } from '../webhook/running-server.js'
import { startAttackedGate } from './attacked-gate.js'

/** Generous, for a machine that does much else; on a quiet one the longest answer takes some 30 ms. */
const mostMs = 2000

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

void test('No atlas.hcl of a tenant keeps the gate from answering others', async t => {
  const gate = await startAttackedGate(t)
  for (const [title, config] of configs) {
    const liveness = gate.watchLiveness()
    const object = migrationOf(config)
    const { response } = await gate.post(reviewOf({ operation: 'CREATE', object }))
    const longest = await liveness.stop()
    t.comment(`${title}: the longest answer of /livez took ${Math.round(longest)} ms`)
    t.ok(response.allowed, `${title}: it is judged`)
    t.ok(longest < mostMs, `${title}: /livez answers meanwhile`)
  }
  t.ok(gate.isAlive())
})
