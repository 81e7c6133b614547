import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { t, test } from 'tap'
import { makeFolder } from '../cli/program.js'
import {
  createDatabase,
  createRevisionsTable,
  insertRevisions,
  startTestPostgres,
} from '../database/test-postgres.js'
import { files, withSum } from '../policy/facts/facts-builder.js'
import { reviewOf } from '../webhook/running-server.js'
import { startAttackedGate } from './harness/attacked-gate.js'

t.setTimeout(120_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=120000')

function migrationOf(namespace: string, url: string) {
  return {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name: 'app', namespace },
    spec: { url, dir: { local: withSum(files('1_a')) } },
  }
}

void test('A domain whose name server never answers keeps no neighbour from its database', async t => {
  const server = await startTestPostgres(t)
  const neighbour = await createDatabase(server)
  await createRevisionsTable(neighbour)
  await insertRevisions(neighbour, [{ version: '1' }, { version: '2' }])
  const named = neighbour.replace(/@[^:/]*:/, '@localhost:')
  t.not(named, neighbour)
  const pipe = join(makeFolder(t), 'pipe')
  execFileSync('mkfifo', [pipe])
  const preload = new URL('./harness/silent-names.js', import.meta.url)
  const gate = await startAttackedGate(t, {
    environment: { NODE_OPTIONS: `--import=${preload.href}`, SILENT_PIPE: pipe },
  })
  for (let index = 0; index < 8; index++) {
    const url = `postgres://u:p@x${index}.silent.test:5432/d?sslmode=disable`
    const object = migrationOf('tenant-a', url)
    void gate.post(reviewOf({ namespace: 'tenant-a', dryRun: true, object })).catch(() => undefined)
  }
  await sleep(1000)
  for (let index = 0; index < 3; index++) {
    // Another spelling for each, so that no connection is used again.
    const object = migrationOf('tenant-b', `${named}&application_name=app${index}`)
    const { response } = await gate.post(reviewOf({ namespace: 'tenant-b', object }))
    t.match(response.status?.message, /migrate-down-predicted/, `bad write ${index} is denied`)
  }
})
