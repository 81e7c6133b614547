import { setTimeout as sleep } from 'node:timers/promises'
import { t, test, type Test } from 'tap'
import {
  createDatabase,
  createRevisionsTable,
  execute,
  insertRevisions,
  startTestPostgres,
} from '../database/test-postgres.js'
import { files, withSum } from '../policy/facts/facts-builder.js'
import { reviewOf } from '../webhook/running-server.js'
import { type AttackedGate, startAttackedGate } from './harness/attacked-gate.js'
import { startSilentServer } from './harness/silent-server.js'

// Longer than tap's 30 s on a machine where many things run at once.
t.setTimeout(300_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=300000')
// They mostly wait.
t.jobs = 4

const server = await startTestPostgres(t, { auth: 'scram' })
const neighbour = await createDatabase(server)
await createRevisionsTable(neighbour)
await insertRevisions(neighbour, [{ version: '1' }, { version: '2' }])

/** Of a tenant, on a database of a name of its own, so that no two have anything in common but the namespace. */
function attackOf(url: string): unknown {
  return reviewOf({
    namespace: 'tenant-a',
    dryRun: true,
    object: migrationOf('tenant-a', url, withSum(files('1_a', '2_b'))),
  })
}

/** Fewer files than rows: the operator would migrate down. */
const badWrite = reviewOf({
  namespace: 'tenant-b',
  object: migrationOf('tenant-b', neighbour, withSum(files('1_a'))),
})

function migrationOf(namespace: string, url: string, local: Readonly<Record<string, string>>) {
  return {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name: 'app', namespace },
    spec: { url, dir: { local } },
  }
}

/** Sends what `urlOf` names eight times a second, and forgets the answers; ends with the returned function. */
function keepAttacking(gate: AttackedGate, urlOf: (index: number) => string): () => number {
  let sent = 0
  const timer = setInterval(() => {
    gate.post(attackOf(urlOf(sent))).catch(() => undefined)
    sent += 1
  }, 125)
  return () => {
    clearInterval(timer)
    return sent
  }
}

/** Long enough that fifty connections would be taken: 8 a second, each held for as long as a call may last. */
const headStartMs = 7000

/** Of one address, as resolvers take them: what a server may hold counts for each, what the namespace may for all. */
const spellings = ['127.0.0.1', '127.1', '2130706433', '0x7f000001']

/** Ten times what it takes a machine that has nothing else to do. */
const limitMs = 15_000

async function assertNeighbourIsUnaffected(t: Test, gate: AttackedGate): Promise<void> {
  for (let index = 1; index <= 6; index++) {
    const begun = performance.now()
    const { response } = await gate.post(badWrite)
    const ms = Math.round(performance.now() - begun)
    t.equal(response.allowed, false, `bad write ${index} of 6 is denied, after ${ms} ms`)
    t.match(response.status?.message, /migrate-down-predicted/)
    t.ok(ms < limitMs, `${ms} ms`)
  }
}

void test('A server that logs in and never answers takes no connection that a neighbour needs', async t => {
  const silent = await startSilentServer(t, 'logs in')
  const gate = await startAttackedGate(t)
  const stop = keepAttacking(gate, index => {
    const host = spellings[index % spellings.length]
    return `postgres://u${index}@${host}:${silent.port}/d${index}?sslmode=disable`
  })
  t.teardown(stop)
  await sleep(headStartMs)
  await assertNeighbourIsUnaffected(t, gate)
  const sent = stop()
  t.ok(sent >= 30, `${sent} dry runs were sent`)
  const most = silent.mostSessions()
  t.ok(most > 2, 'they did take connections')
  t.ok(most <= 25, `${most} of 50 connections at most`)
})

void test('A server that accepts and never answers takes no connection that a neighbour needs', async t => {
  const silent = await startSilentServer(t, 'accepts')
  const gate = await startAttackedGate(t)
  const stop = keepAttacking(
    gate,
    index => `postgres://u${index}@127.0.0.1:${silent.port}/d${index}?sslmode=disable`,
  )
  t.teardown(stop)
  await sleep(headStartMs)
  await assertNeighbourIsUnaffected(t, gate)
  t.ok(silent.mostSessions() > 2)
})

void test('Wrong passwords of a tenant do not close the door to a neighbour on the same server', async t => {
  const gate = await startAttackedGate(t)
  const wrong = neighbour.replace(/\/\/([^:]*):[^@]*@/, '//$1:wrong@')
  t.not(wrong, neighbour)
  const { response } = await gate.post(attackOf(wrong))
  t.match(response.warnings?.join(), /refused the user name or password/)
  const stop = keepAttacking(gate, () => wrong)
  t.teardown(stop)
  await sleep(1000)
  await assertNeighbourIsUnaffected(t, gate)
})

void test('A review tries its own database, however often that has failed before', async t => {
  const gate = await startAttackedGate(t)
  const late = neighbour.replace(/\/\/[^@]*@/, '//late:right@')
  const write = reviewOf({
    namespace: 'tenant-c',
    object: migrationOf('tenant-c', late, withSum(files('1_a'))),
  })
  for (let count = 0; count < 3; count++) {
    const { response } = await gate.post(write)
    t.match(response.warnings?.join(), /refused the user name or password/)
  }
  await execute(neighbour, `CREATE ROLE late SUPERUSER LOGIN PASSWORD 'right'`)
  const { response } = await gate.post(write)
  t.equal(response.allowed, false, 'the first review after the repair is decided')
})
