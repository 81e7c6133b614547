import { once } from 'node:events'
import { createServer } from 'node:net'
import { test, type Test } from 'tap'
import { openClusters } from '../database/copied-cluster.js'
import { execute } from '../database/test-postgres.js'
import { migrate, migration } from '../engine/live/live-gate.js'
import { filesOf } from '../review/fakes.js'
import { reviewOf } from '../webhook/running-server.js'
import { type AttackedGate, startAttackedGate } from './harness/attacked-gate.js'

const own = filesOf('1', '2')
const others = filesOf('7', '8')

/** `NAMESPACE/NAME`. */
const stored = (key: string, url: string, files = others) => {
  const [namespace = '', name = ''] = key.split('/')
  return migration(name, { url, execOrder: 'linear', dir: { local: files } }, namespace)
}

interface Answer {
  readonly allowed: boolean
  readonly status?: { readonly message: string }
  readonly warnings?: readonly string[]
}

async function write(gate: AttackedGate, key: string, url: string) {
  const [namespace, name] = key.split('/')
  const object = stored(key, url, own)
  const { response } = await gate.post(
    reviewOf({ operation: 'CREATE', object, name, namespace }),
    10,
  )
  return response
}

const textOf = ({ status, warnings = [] }: Answer) => [status?.message, ...warnings].join('\n')

/** Two servers of one origin: what they say of themselves is the same but for the time of their start. */
async function startCopies(t: Test) {
  const clusters = await openClusters(t)
  await clusters.initialize('original')
  const first = await clusters.start('original')
  await execute(
    first.url('postgres'),
    'CREATE DATABASE app',
    'CREATE ROLE operator LOGIN',
    'CREATE ROLE squatter LOGIN',
  )
  await migrate(first.url('app'), own)
  await execute(
    first.url('app'),
    'GRANT USAGE ON SCHEMA atlas_schema_revisions TO operator, squatter',
    'GRANT ALL ON atlas_schema_revisions.atlas_schema_revisions TO operator',
    'GRANT SELECT ON atlas_schema_revisions.atlas_schema_revisions TO squatter',
  )
  await first.stop()
  await clusters.copy('original', 'copy')
  return {
    clusters,
    original: await clusters.start('original'),
    copy: await clusters.start('copy'),
  }
}

void test('which database is this', async t => {
  const { original, copy } = await startCopies(t)
  const url = original.url('app')

  await t.test('a restored copy beside its original is another database', async t => {
    const gate = await startAttackedGate(t, { objects: [stored('app/old', copy.url('app'))] })
    const answer = await write(gate, 'app/new', url)
    t.equal(answer.allowed, true, textOf(answer))
    t.notMatch(textOf(answer), 'revision-table-shared')
  })

  await t.test('one database under two names is one, also in another namespace', async t => {
    const objects = [stored('team/seed', original.url('app', 'operator', 'localhost'))]
    const gate = await startAttackedGate(t, { objects })
    const slow = await write(gate, 'shop/shop', url)
    // The first review may not wait long for what it does not know yet; the second one knows it.
    const answer = slow.allowed ? await write(gate, 'shop/shop', url) : slow
    t.equal(answer.allowed, false)
    t.match(textOf(answer), /revision-table-shared.*team\/seed/)
  })

  await t.test('a squatter without rights on the table has nobody denied', async t => {
    const objects = [
      stored('evil/no-login', original.url('app', 'nobody-such')),
      stored('evil/no-rights', original.url('app', 'squatter')),
    ]
    const gate = await startAttackedGate(t, { objects })
    const answer = await write(gate, 'shop/shop', url)
    t.equal(answer.allowed, true, textOf(answer))
    t.notMatch(textOf(answer), /evil|no-login|no-rights/, 'nor are they named')
    t.match(textOf(answer), /2 AtlasMigrations of other namespaces/)
    const near = await write(gate, 'evil/mine', url)
    t.equal(near.allowed, true)
    t.match(textOf(near), /evil\/no-login/, 'in its own namespace they are')
  })

  await t.test('a dead host is no reason to deny, and the review does not wait for it', async t => {
    // Takes connections and says nothing.
    const silent = createServer(socket => socket.on('error', () => {})).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    t.teardown(() => silent.close())
    const { port } = silent.address() as { port: number }
    const objects = Array.from({ length: 200 }, (_, index) =>
      stored(`tenant${index % 50}/app${index}`, `postgres://u${index}@127.0.0.1:${port}/app`),
    )
    const gate = await startAttackedGate(t, { objects })
    const begun = performance.now()
    const answer = await write(gate, 'shop/shop', url)
    const waited = performance.now() - begun
    t.equal(answer.allowed, true, textOf(answer))
    t.comment(`with 200 silent hosts: ${Math.round(waited)} ms`)
    t.ok(waited < 5000, 'far below the 10 s that the API server waits')
    const bad = migration(
      'down',
      { url, execOrder: 'linear', dir: { local: filesOf('1') } },
      'shop',
    )
    const { response } = await gate.post(reviewOf({ operation: 'CREATE', object: bad }), 10)
    t.match(response, { allowed: false, status: { message: /migrate-down-predicted/ } })
  })
})
