import { deepStrictEqual } from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import * as fc from 'fast-check'
import t from 'tap'
import type { AtlasMigration, ObjectMetadata } from '../../../src/policy/facts/atlas-migration.js'
import { Arrivals } from '../../../src/review/verdict/arrivals.js'
import { fakeCluster, migration, namespace } from '../fakes.js'

const made = (
  name: string,
  metadata: ObjectMetadata = {},
  spec: AtlasMigration['spec'] = {},
): AtlasMigration => {
  const plain = migration(name, spec)
  return { ...plain, metadata: { ...plain.metadata, ...metadata } }
}

interface Answer {
  readonly allowed: boolean
}

/** Reviews that end when they are told to. */
function startArrivals() {
  const world = { ms: 0, shown: [] as readonly AtlasMigration[] }
  const cluster = { ...fakeCluster(), migrations: () => world.shown }
  const arrivals = new Arrivals(() => new Date(world.ms))
  return {
    world,
    arrivals,
    unseen: () => arrivals.unseen(cluster),
    begin: (object: AtlasMigration) => {
      let resolve: (answer: Answer) => void = () => {}
      let reject: (error: Error) => void = () => {}
      const promise = new Promise<Answer>((...settle) => ([resolve, reject] = settle))
      const done = arrivals.during(object, () => promise).catch(() => undefined)
      const end = (outcome: boolean | Error) => {
        if (outcome instanceof Error) reject(outcome)
        else resolve({ allowed: outcome })
        return done
      }
      return end
    },
  }
}

void t.test(
  'a first attempt that is denied does not forget the second, still in flight',
  async t => {
    const { begin, unseen } = startArrivals()
    const object = made('a')
    const [first, second] = [begin(object), begin(object)]
    t.same(unseen(), [object], 'they count once')
    await first(false)
    t.same(unseen(), [object])
    await second(true)
    t.same(unseen(), [object])
  },
)

void t.test('an attempt with another spec does not hide the first', async t => {
  const { begin, unseen, arrivals } = startArrivals()
  const bad = made('a', { uid: '1' }, { dir: { configMapRef: { name: 'files' } } })
  const harmless = made('a', { uid: '2' })
  const [first] = [begin(bad), begin(harmless)]
  await first(true)
  t.same(unseen(), [bad, harmless])
  t.same(arrivals.users(fakeCluster()).migrationsOfConfigMap(namespace, 'files'), [bad])
  t.same(arrivals.users(fakeCluster()).migrationsOfConfigMap('elsewhere', 'files'), [])
})

void t.test('two objects of one generateName are two', async t => {
  const { begin, unseen } = startArrivals()
  const objects = ['r1', 'r2'].map(uid => made('app-', { generateName: 'app-', uid }))
  const [first, second] = objects.map(begin)
  t.same(unseen(), objects)
  await first!(false)
  t.same(unseen(), [objects[1]])
  await second!(true)
  t.same(unseen(), [objects[1]])
})

void t.test('a review that failed may have been answered with "allowed"', async t => {
  const { world, begin, unseen } = startArrivals()
  const object = made('a')
  await begin(object)(new Error('a fault'))
  t.same(unseen(), [object])
  world.ms += 2001
  t.same(unseen(), [])
})

void t.test('a review that never ends is believed in no longer than an API server waits', t => {
  const { world, begin, unseen } = startArrivals()
  begin(made('a'))
  world.ms += 30_000
  t.equal(unseen().length, 1)
  world.ms += 1
  t.same(unseen(), [])
  t.end()
})

void t.test('what the cluster shows of a predecessor is not the new object', async t => {
  const { world, begin, unseen } = startArrivals()
  const made2 = made('a', { uid: '2', generation: 1 })
  await begin(made2)(true)
  world.shown = [made('a', { uid: '1', generation: 7 }), made('a', { namespace: 'else' })]
  t.same(unseen(), [made2])
  world.shown = [made('a', { uid: '2' })]
  t.same(unseen(), [made2], 'nor is one whose generation cannot be told')
  world.shown = [made('a', { uid: '2', generation: 1 })]
  t.same(unseen(), [])
})

void t.test('a new spec is believed in until the cluster shows it', async t => {
  const { world, begin, unseen } = startArrivals()
  const moved = made('a', { uid: '1', generation: 2 }, { backoffLimit: 1 })
  world.shown = [made('a', { uid: '1', generation: 1 })]
  const end = begin(moved)
  t.same(unseen(), [moved])
  await end(true)
  t.same(unseen(), [moved])
  world.shown = [{ ...moved, metadata: { ...moved.metadata, generation: 3 } }]
  t.same(unseen(), [])
})

void t.test(
  'the end of a review does not bring back what the cluster has shown meanwhile',
  async t => {
    const { world, begin, unseen } = startArrivals()
    const end = begin(made('a'))
    world.shown = [made('a')]
    t.same(unseen(), [])
    world.shown = []
    await end(true)
    t.same(unseen(), [])
  },
)

/** An attempt as the specification has it. */
interface Attempt {
  readonly object: AtlasMigration
  readonly end: (outcome: boolean | Error) => Promise<unknown>
  running: boolean
  until: number
}

const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('begin' as const),
        name: fc.constantFrom('a', 'b', 'c'),
        uid: fc.constantFrom('1', '2', '3'),
        limit: fc.constantFrom(1, 2),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('end' as const),
        which: fc.nat(),
        outcome: fc.constantFrom(true, false, new Error('a fault')),
      }),
    },
    fc.record({ kind: fc.constant('show' as const), which: fc.nat() }),
    fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(500, 2001, 30_001) }),
  ),
  { maxLength: 40 },
)

void t.test(
  'whatever order reviews end in, exactly those count that are under way or admitted, and not shown',
  async () => {
    await fc.assert(
      fc.asyncProperty(steps, async commands => {
        const { world, begin, unseen } = startArrivals()
        let attempts: Attempt[] = []
        for (const command of commands) {
          if (command.kind === 'begin') {
            const { name, uid, limit } = command
            const object = made(name, { uid }, { backoffLimit: limit })
            attempts.push({ object, end: begin(object), running: true, until: world.ms + 30_000 })
          }
          const running = attempts.filter(attempt => attempt.running)
          if (command.kind === 'end' && running.length > 0) {
            const attempt = running[command.which % running.length]!
            await attempt.end(command.outcome)
            attempt.running = false
            attempt.until = command.outcome === false ? -1 : world.ms + 2000
          }
          if (command.kind === 'show' && attempts.length > 0) {
            const { object } = attempts[command.which % attempts.length]!
            const others = world.shown.filter(
              ({ metadata }) => metadata.name !== object.metadata.name,
            )
            world.shown = [...others, object]
          }
          if (command.kind === 'remove' && world.shown.length > 0) {
            const gone = command.which % world.shown.length
            world.shown = world.shown.filter((_, index) => index !== gone)
          }
          if (command.kind === 'pass') world.ms += command.ms
          await turn()
          const isShown = ({ object }: Attempt) =>
            world.shown.some(
              ({ metadata }) =>
                metadata.name === object.metadata.name && metadata.uid === object.metadata.uid,
            )
          attempts = attempts.filter(attempt => attempt.until >= world.ms && !isShown(attempt))
          const expected = attempts.map(({ object }) => signature(object))
          deepStrictEqual(unseen().map(signature).sort(), [...new Set(expected)].sort())
        }
      }),
      { numRuns: 100 },
    )
  },
)

function signature({ metadata, spec }: AtlasMigration): string {
  return `${metadata.name} ${spec.backoffLimit}`
}
