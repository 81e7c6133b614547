import { t, test } from 'tap'
import {
  createDatabase,
  createRevisionsTable,
  execute,
  insertRevisions,
  startTestPostgres,
} from '../database/test-postgres.js'
import { files, withSum } from '../policy/facts/facts-builder.js'
import { reviewOf } from '../webhook/running-server.js'
import { startAttackedGate } from './attacked-gate.js'

t.setTimeout(180_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=180000')

const server = await startTestPostgres(t)

async function createTable(rows: number): Promise<string> {
  const url = await createDatabase(server)
  await createRevisionsTable(url)
  await execute(
    url,
    `INSERT INTO atlas_schema_revisions.atlas_schema_revisions
     SELECT lpad(n::text, 14, '0'), 'd' || n, 2, 1, 1, now(), 1, '', '', md5(n::text), '["h1:abc"]', 'Atlas CLI v1.2.3'
     FROM generate_series(1, ${rows}) AS n`,
  )
  return url
}

function writeOf(namespace: string, url: string, dryRun: boolean) {
  const object = {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name: 'app', namespace },
    spec: { url, dir: { local: withSum(files('1_a')) } },
  }
  return reviewOf({ namespace, dryRun, object })
}

/** Forty times what /livez may take, for a busy machine; one table of 99,000 rows took 14 s there. */
const limitMs = 10_000

void test('A table of as many rows as one has time for holds up nobody else', async t => {
  const neighbour = await createDatabase(server)
  await createRevisionsTable(neighbour)
  await insertRevisions(neighbour, [{ version: '1' }, { version: '2' }])
  const gate = await startAttackedGate(t)
  for (const rows of [99_000, 10_000]) {
    const url = await createTable(rows)
    const liveness = gate.watchLiveness()
    const attacks = Array.from({ length: 4 }, () => gate.post(writeOf('tenant-a', url, true)))
    const { response } = await gate.post(writeOf('tenant-b', neighbour, false))
    t.match(response.status?.message, /migrate-down-predicted/, 'a bad write beside it is denied')
    await Promise.all(attacks)
    const longestMs = Math.round(await liveness.stop())
    t.ok(longestMs < limitMs, `${rows} rows: /livez within ${longestMs} ms`)
  }
  const peak = gate.peakMemoryMib()
  t.ok(peak === null || peak < 280, `${Math.round(peak ?? 0)} MiB at most`)
})
