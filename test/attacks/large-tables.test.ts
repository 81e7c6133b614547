import { t, test } from 'tap'
import {
  createDatabase,
  createRevisionsTable,
  execute,
  insertRevisions,
  startTestPostgres,
} from '../database/test-postgres.js'
import { files, withSum } from '../policy/facts/facts-builder.js'
import { configMap } from '../review/fakes.js'
import { reviewOf } from '../webhook/running-server.js'
import { type AttackedGate, startAttackedGate } from './harness/attacked-gate.js'

t.setTimeout(180_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=180000')

const server = await startTestPostgres(t)

/** Rows whose hash no directory has, so that everything is tried to explain them. */
async function createTable(rows: number): Promise<string> {
  const url = await createDatabase(server)
  await createRevisionsTable(url)
  await execute(
    url,
    `INSERT INTO atlas_schema_revisions.atlas_schema_revisions
     SELECT lpad(n::text, 14, '0'), 'd' || n, 2, 1, 1, now() + n * interval '1 ms', 1, '', '',
       encode(sha256(n::text::bytea), 'base64'), '["h1:abc"]', 'Atlas CLI v1.2.3'
     FROM generate_series(1, ${rows}) AS n`,
  )
  return url
}

const neighbour = await createDatabase(server)
await createRevisionsTable(neighbour)
await insertRevisions(neighbour, [{ version: '1' }, { version: '2' }])

type Files = Readonly<Record<string, string>>

/** As many files as a ConfigMap has room for, with the versions of the rows. */
const manyFiles: Files = Object.fromEntries(
  Array.from({ length: 2000 }, (_, index) => [
    `${String(index + 1).padStart(14, '0')}_d${index + 1}.sql`,
    `CREATE TABLE t${index} (id int); -- ${'x'.repeat(360)}\n`,
  ]),
)

const oneMore: Files = { ...manyFiles, '99999999999999_z.sql': 'SELECT 1;' }

function migrationOf(namespace: string, name: string, spec: Readonly<Record<string, unknown>>) {
  return {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name, namespace },
    spec,
  }
}

function writeOf(namespace: string, url: string, local: Files) {
  const object = migrationOf(namespace, 'app', { url, dir: { local: withSum(local) } })
  const oldObject = migrationOf(namespace, 'app', { url, dir: { local: withSum(manyFiles) } })
  return reviewOf({ namespace, name: 'app', operation: 'UPDATE', object, oldObject })
}

/** Of the two migrations that ran there, it knows the first alone. */
const badWrite = reviewOf({
  namespace: 'tenant-b',
  object: migrationOf('tenant-b', 'app', {
    url: neighbour,
    dir: { local: withSum(files('1_a')) },
  }),
})

/** As the chart starts it. */
const environment = { NODE_OPTIONS: '--max-old-space-size=384 --max-semi-space-size=4' }

/** What /livez may take. It needs a few rounds of the event loop. */
const mostBlockedMs = 250

/** Posts the reviews at once, and beside them the bad write of a neighbour. */
async function attack(gate: AttackedGate, reviews: readonly unknown[]) {
  const liveness = await gate.watchLiveness()
  // What does not fit into the memory for reviews is answered 503, which is no review's answer.
  const attacks = reviews.map(review => gate.post(review))
  const { response } = await gate.post(badWrite)
  await Promise.all(attacks)
  return { response, liveness: await liveness.stop() }
}

const attacks: readonly (readonly [title: string, rows: number, local: Files])[] = [
  ['a table of more rows than are read', 99_000, files('1_a')],
  ['a table of as many rows as are read', 10_000, files('1_a')],
  ['as many rows, beside as many files as there can be', 10_000, oneMore],
  ['a row for each of as many files as there can be', 2000, oneMore],
]

void test('A table of as many rows as one has time for holds up nobody else', async t => {
  const gate = await startAttackedGate(t, { environment })
  for (const [title, rows, local] of attacks) {
    const url = await createTable(rows)
    const writes = Array.from({ length: 6 }, (_, index) => writeOf(`tenant-${index}`, url, local))
    const { response, liveness } = await attack(gate, writes)
    t.match(response.status?.message, /migrate-down-predicted/, `${title}: a bad write is denied`)
    t.comment(`${title}: the longest answer of /livez took ${liveness.answerMs} ms`)
    t.ok(
      liveness.blockedMs < mostBlockedMs,
      `${title}: the event loop turned meanwhile (${liveness.blockedMs} ms)`,
    )
  }
  const peak = gate.peakMemoryMib()
  t.ok(peak === null || peak < 280, `${Math.round(peak ?? 0)} MiB at most`)
})

void test('A ConfigMap that hundreds of AtlasMigrations use holds up nobody else', async t => {
  const url = await createTable(2000)
  const before = { ...configMap('files', withSum(manyFiles)), apiVersion: 'v1', kind: 'ConfigMap' }
  const users = Array.from({ length: 300 }, (_, index) =>
    migrationOf('shop', `app-${index}`, { url, dir: { configMapRef: { name: 'files' } } }),
  )
  const gate = await startAttackedGate(t, { objects: [before, ...users], environment })
  const write = reviewOf({
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    name: 'files',
    operation: 'UPDATE',
    object: { ...before, data: withSum(oneMore) },
    oldObject: before,
  })
  const { response, liveness } = await attack(gate, [write, write])
  t.match(response.status?.message, /migrate-down-predicted/, 'a bad write beside it is denied')
  t.comment(`the longest answer of /livez took ${liveness.answerMs} ms`)
  t.ok(
    liveness.blockedMs < mostBlockedMs,
    `the event loop turned meanwhile (${liveness.blockedMs} ms)`,
  )
  const peak = gate.peakMemoryMib()
  t.ok(peak === null || peak < 280, `${Math.round(peak ?? 0)} MiB at most`)
})
