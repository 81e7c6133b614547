import { deepStrictEqual, equal, ok } from 'node:assert/strict'
import * as fc from 'fast-check'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { AtlasMigration } from '../../../src/policy/facts/atlas-migration.js'
import { ClusterError } from '../../../src/review/ports/cluster-error.js'
import { buildClusterView, type ClusterView } from '../../../src/review/facts/cluster-view.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'
import { fakeCluster, migration, secret, unhurriedDeadline, urlOf } from '../fakes.js'

const table = {
  dialect: 'postgres',
  database: 'app',
  revisionsSchema: 'atlas_schema_revisions',
} as const

const using = (name: string, from: string, uid = name): AtlasMigration => {
  const made = migration(name, { urlFrom: { secretKeyRef: { name: from, key: 'url' } } })
  return { ...made, metadata: { ...made.metadata, uid } }
}

/** A cluster whose Secrets are answered by hand, so that anything can happen between question and answer. */
function buildSlowWorld(all: readonly AtlasMigration[] = []) {
  const world = { all }
  const waiting: { readonly name: string; readonly answer: (error?: Error) => Promise<void> }[] = []
  const readSecret = (_namespace: string, name: string) =>
    new Promise<ReturnType<typeof secret>>((resolve, reject) => {
      const answer = (error?: Error) => {
        if (error) reject(error)
        else resolve(secret(name, { url: urlOf(name) }))
        return turn()
      }
      waiting.push({ name, answer })
    })
  const view = (): ClusterView =>
    buildClusterView(
      { ...fakeCluster(), readSecret, migrations: () => world.all },
      unhurriedDeadline(),
    )
  return { world, waiting, view }
}

const names = (found: readonly AtlasMigration[]) => found.map(({ metadata }) => metadata.name)

void t.test(
  'an AtlasMigration that is deleted while its Secret is read is gone for good',
  async t => {
    const { world, waiting, view } = buildSlowWorld([using('a', 'app')])
    const index = new TargetIndex()
    const first = index.candidates(table, view())
    world.all = []
    const second = await index.candidates(table, view())
    await waiting[0]!.answer()
    t.same([names(await first), names(second)], [[], []])
    t.same(await index.candidates(table, view()), [])
    t.equal(index.unknown(), 0)
  },
)

void t.test(
  'one that is deleted after it was read is no candidate of that review either',
  async t => {
    const { world, waiting, view } = buildSlowWorld([using('a', 'app'), using('b', 'other')])
    const asked = new TargetIndex().candidates(table, view())
    await waiting[0]!.answer()
    world.all = [world.all[1]!]
    await waiting[1]!.answer()
    t.same(await asked, [])
  },
)

void t.test(
  'what was learnt of a predecessor says nothing of the object that took its place',
  async t => {
    const { world, waiting, view } = buildSlowWorld([using('a', 'app', 'old')])
    const index = new TargetIndex()
    const first = index.candidates(table, view())
    world.all = [using('a', 'other', 'new')]
    const second = index.candidates(table, view())
    await waiting[0]!.answer()
    t.same(await first, [])
    t.equal(index.unknown(), 1)
    await waiting[1]!.answer()
    t.same(await second, [])
    t.equal(index.unknown(), 0)
  },
)

void t.test('a status that changes meanwhile costs no second read', async t => {
  const { world, waiting, view } = buildSlowWorld([using('a', 'app')])
  const index = new TargetIndex()
  const first = index.candidates(table, view())
  const changed = { ...using('a', 'app'), status: { lastAppliedVersion: '1' } }
  world.all = [changed]
  const second = index.candidates(table, view())
  await waiting[0]!.answer()
  t.same([await first, await second], [[changed], [changed]])
  world.all = [{ ...changed, status: { lastAppliedVersion: '2' } }]
  t.same(await index.candidates(table, view()), world.all)
  t.equal(waiting.length, 1)
})

void t.test('ten reviews over 100 unknown AtlasMigrations read 100 Secrets', async t => {
  const all = Array.from({ length: 100 }, (_, i) => using(`m${i}`, i === 7 ? 'app' : `s${i}`))
  const { waiting, view } = buildSlowWorld(all)
  const index = new TargetIndex({ now: () => 0, budgetMs: Infinity })
  const asked = Array.from({ length: 10 }, () => index.candidates(table, view()))
  for (let next = 0; next < waiting.length; next++) await waiting[next]!.answer()
  for (const found of await Promise.all(asked)) t.same(names(found), ['m7'])
  t.equal(waiting.length, 100)
})

void t.test('a review that is given up takes no answer from those that waited with it', async t => {
  const { waiting, view } = buildSlowWorld([using('a', 'app')])
  const index = new TargetIndex()
  const [first, second, third] = [1, 2, 3].map(() => index.candidates(table, view()))
  await waiting[0]!.answer(new ClusterError('its client is gone'))
  t.same(await first, [])
  t.equal(waiting.length, 2, 'the others ask once more, together')
  await waiting[1]!.answer()
  t.same([names((await second)!), names((await third)!)], [['a'], ['a']])
})

void t.test(
  'a read that never ends is waited for as long as the budget says, and given up for lost',
  async t => {
    let now = 0
    const { waiting, view } = buildSlowWorld([using('a', 'app')])
    const index = new TargetIndex({ now: () => now, budgetMs: 20 })
    t.same(await index.candidates(table, view()), [])
    t.same(await index.candidates(table, view()), [])
    t.equal(waiting.length, 1)
    t.equal(index.unknown(), 1)
    now = 30_000
    const third = index.candidates(table, view())
    await waiting[1]!.answer()
    t.same(names(await third), ['a'])
    await waiting[0]!.answer(new ClusterError('it came too late'))
    t.same(names(await index.candidates(table, view())), ['a'])
  },
)

void t.test('a fault in one of them is told, and keeps nobody from finding the others', async t => {
  let now = 0
  const faults: string[] = []
  const index = new TargetIndex({
    now: () => now,
    onFault: ({ where, error }) => faults.push(`${where}: ${String(error)}`),
  })
  const { waiting, view } = buildSlowWorld([using('a', 'faulty'), using('b', 'app')])
  const asked = index.candidates(table, view())
  await waiting[0]!.answer(new TypeError('a fault of ours'))
  await waiting[1]!.answer()
  t.same(names(await asked), ['b'])
  t.same(faults, ['shop/a: its target: TypeError: a fault of ours'])
  now += 599_000
  t.same(names(await index.candidates(table, view())), ['b'])
  t.equal(waiting.length, 2, 'it is not met again by every review')
  t.equal(index.unknown(), 1, 'and it is said that it could not be compared')
})

void t.test('Secrets that can never be read do not keep others from being read again', async t => {
  let now = 0
  const all = Array.from({ length: 25 }, (_, i) => using(`m${i}`, i < 24 ? `denied${i}` : 'app'))
  const reads: string[] = []
  const readSecret = async (_namespace: string, name: string) => {
    reads.push(name)
    if (name !== 'app') throw new ClusterError('no right')
    return secret(name, { url: urlOf(name) })
  }
  const cluster = { ...fakeCluster({ migrations: all }), readSecret }
  const index = new TargetIndex({ now: () => now })
  const ask = () => index.candidates(table, buildClusterView(cluster, unhurriedDeadline()))
  await ask()
  now = 600_000
  await ask()
  now += 1000
  reads.length = 0
  await ask()
  t.ok(reads.includes('app'))
  t.equal(reads.length, 20)
})

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('put' as const, 'touch' as const, 'recreate' as const),
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      from: fc.constantFrom('app', 'other', 'gone'),
    }),
    fc.record({ kind: fc.constant('delete' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
    fc.record({ kind: fc.constant('ask' as const) }),
    fc.record({ kind: fc.constant('answer' as const), fails: fc.boolean(), fault: fc.boolean() }),
  ),
  { maxLength: 40 },
)

void t.test(
  'whatever happens while Secrets are read, the index holds exactly the living users of a table',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.scheduler(), async (commands, scheduler) => {
        let now = 0
        let failing: Error | null = null
        const living = new Map<string, AtlasMigration>()
        const world: { all: readonly AtlasMigration[] } = { all: [] }
        const readSecret = async (_namespace: string, name: string) => {
          await scheduler.schedule(Promise.resolve(), name)
          if (failing) throw failing
          return name === 'gone' ? null : secret(name, { url: urlOf(name) })
        }
        const cluster = { ...fakeCluster(), readSecret, migrations: () => world.all }
        const index = new TargetIndex({ now: () => now, budgetMs: Infinity })
        const users = () =>
          world.all.filter(({ spec }) => spec.urlFrom!.secretKeyRef!.name === 'app')
        const ask = async () => {
          const found = await index.candidates(
            table,
            buildClusterView(cluster, unhurriedDeadline()),
          )
          for (const one of found) ok(users().includes(one), 'not a living user')
        }
        const asked: Promise<void>[] = []
        const store = (name: string, made: AtlasMigration | null) => {
          if (made) living.set(name, made)
          else living.delete(name)
          world.all = [...living.values()]
        }
        for (const [time, command] of commands.entries()) {
          if (command.kind === 'put' || command.kind === 'recreate')
            store(
              command.name,
              using(command.name, command.from, command.kind === 'put' ? 'same' : `${time}`),
            )
          if (command.kind === 'touch' && living.has(command.name))
            store(command.name, { ...living.get(command.name)! })
          if (command.kind === 'delete') store(command.name, null)
          if (command.kind === 'ask') asked.push(ask())
          if (command.kind === 'answer' && scheduler.count() > 0) {
            failing = !command.fails
              ? null
              : command.fault
                ? new TypeError('a fault')
                : new ClusterError('unreadable')
            await scheduler.waitOne()
          }
          await turn()
        }
        failing = null
        await scheduler.waitIdle()
        await Promise.all(asked)
        // Whoever could not be read has had the time to be.
        now += 600_000
        const last = index.candidates(table, buildClusterView(cluster, unhurriedDeadline()))
        await scheduler.waitIdle()
        deepStrictEqual(new Set(await last), new Set(users()))
        equal(index.unknown(), 0, 'some are unknown for ever')
      }),
      { numRuns: 100 },
    )
  },
)
