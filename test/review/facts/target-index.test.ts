import t from 'tap'
import { ClusterError } from '../../../src/review/ports/cluster-error.js'
import { buildClusterView } from '../../../src/review/facts/cluster-view.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'
import { fakeCluster, migration, secret, unhurriedDeadline, urlOf } from '../fakes.js'

const table = {
  dialect: 'postgres',
  database: 'app',
  revisionsSchema: 'atlas_schema_revisions',
} as const

const fromSecret = (name: string, from: string) =>
  migration(name, { urlFrom: { secretKeyRef: { name: from, key: 'url' } } })

/** A cluster whose objects can change, seen through a clock that can be set. */
function buildWorld() {
  const clock = { now: 0 }
  const index = new TargetIndex({ now: () => clock.now })
  const secrets: Record<string, ReturnType<typeof secret> | Error> = {
    app: secret('app', { url: urlOf('app') }),
  }
  const objects = { secrets, migrations: [migration('inline', { url: urlOf('app') })] }
  const cluster = fakeCluster(objects)
  const ask = async (migrations = objects.migrations) => {
    const view = { ...buildClusterView(cluster, unhurriedDeadline()), migrations: () => migrations }
    return (await index.candidates(table, view)).map(({ metadata }) => metadata.name)
  }
  return { clock, index, secrets, cluster, ask }
}

void t.test('finds the users of a table, and reads each Secret once', async t => {
  const { index, cluster, ask } = buildWorld()
  const all = [
    migration('inline', { url: urlOf('app') }),
    migration('elsewhere', { url: urlOf('other') }),
    migration('no-target', {}),
    fromSecret('by-secret', 'app'),
    fromSecret('without-secret', 'gone'),
  ]
  t.same(await ask(all), ['inline', 'by-secret'])
  t.same(cluster.reads, ['Secret app', 'Secret gone'])
  t.same(await ask(all), ['inline', 'by-secret'])
  t.equal(cluster.reads.length, 2)
  t.equal(index.unknown(), 0)
})

void t.test('follows objects that are replaced and removed', async t => {
  const { ask } = buildWorld()
  const kept = migration('kept', { url: urlOf('app') })
  t.same(await ask([kept, migration('moved', { url: urlOf('app') })]), ['kept', 'moved'])
  t.same(await ask([kept, migration('moved', { url: urlOf('other') })]), ['kept'])
  t.same(await ask([]), [])
})

void t.test('what a Secret said is believed for a while, and asked for again', async t => {
  const { clock, secrets, ask } = buildWorld()
  const all = [fromSecret('a', 'app')]
  t.same(await ask(all), ['a'])
  secrets['app'] = secret('app', { url: urlOf('other') })
  clock.now += 599_000
  t.same(await ask(all), ['a'])
  clock.now += 1001
  t.same(await ask(all), [])
})

void t.test('a Secret that cannot be read stays unknown until it can', async t => {
  const { clock, index, secrets, cluster, ask } = buildWorld()
  const all = [fromSecret('a', 'app')]
  secrets['app'] = new ClusterError('no right to get it')
  t.same(await ask(all), [])
  t.same(await ask(all), [])
  t.equal(cluster.reads.length, 1, 'it is not asked for again at once')
  t.equal(index.unknown(), 1)
  secrets['app'] = secret('app', { url: urlOf('app') })
  clock.now += 1000
  t.same(await ask(all), ['a'])
})

void t.test('one review reads for a limited time only', async t => {
  let now = 0
  const index = new TargetIndex({ now: () => (now += 100) })
  const all = Array.from({ length: 40 }, (_, i) => migration(`m${i}`, { url: urlOf('app') }))
  const view = buildClusterView(fakeCluster({ migrations: all }), unhurriedDeadline())
  const first = await index.candidates(table, view)
  t.ok(first.length > 0 && first.length < 40)
  t.equal(index.unknown(), 40 - first.length)
  for (let round = 0; index.unknown() > 0 && round < 10; round++)
    await index.candidates(table, view)
  t.equal((await index.candidates(table, view)).length, 40)
})
