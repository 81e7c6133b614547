import t from 'tap'
import type { AtlasMigration } from '../../../src/policy/facts/atlas-migration.js'
import { buildClusterView } from '../../../src/review/facts/cluster-view.js'
import { findNeighbours } from '../../../src/review/facts/neighbours.js'
import { resolveTarget } from '../../../src/review/facts/target-resolution.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'
import { fakeCluster, migration, readTable, rowsOf, unhurriedDeadline, urlOf } from '../fakes.js'

const own = migration('own', { url: urlOf('app'), revisionsSchema: 'rev_own' })

const other = (name: string, spec: AtlasMigration['spec'], metadata = {}): AtlasMigration => {
  const made = migration(name, { url: urlOf('app'), ...spec })
  return { ...made, metadata: { ...made.metadata, ...metadata } }
}

/** What is found beside the AtlasMigration `own`. */
async function beside(
  migrations: readonly AtlasMigration[],
  table: Partial<typeof readTable> = {},
  arriving: readonly AtlasMigration[] = [],
) {
  const view = {
    ...buildClusterView(fakeCluster({ migrations: [own, ...migrations] }), unhurriedDeadline()),
    arriving: () => arriving,
  }
  const { facts } = await resolveTarget(view, own)
  if (facts.kind !== 'resolved') throw new Error('the test has a target')
  const read = { ...readTable, revisions: null, ...table }
  const household = { migration: own, target: facts.target, table: read }
  return findNeighbours(household, { targets: new TargetIndex(), view })
}

void t.test('finds others of one database with another table', async t => {
  const found = await beside([
    other('a', { revisionsSchema: 'rev_a' }),
    other('same-table', { revisionsSchema: 'rev_own' }),
    other('other-database', { url: urlOf('else') }),
    other('other-host', { url: urlOf('app', 'elsewhere') }),
    other('going', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    other('without-url', { url: '' }),
  ])
  t.strictSame(found, [{ name: 'shop/a', revisionsSchema: 'rev_a' }])
})

void t.test('does not name one of another namespace', async t => {
  const found = await beside([other('a', { revisionsSchema: 'rev_a' }, { namespace: 'secret' })])
  t.strictSame(found, [{ name: null, revisionsSchema: 'rev_a' }])
})

void t.test('finds one that is about to be stored', async t => {
  const found = await beside([], {}, [other('a', { revisionsSchema: 'rev_a' })])
  t.strictSame(found, [{ name: 'shop/a', revisionsSchema: 'rev_a' }])
})

void t.test(
  'knows the owner of a table that is there by its schema, whatever the host',
  async t => {
    const a = other('a', { url: urlOf('app', 'alias'), revisionsSchema: 'rev_a' })
    t.strictSame(await beside([a]), [])
    t.strictSame(await beside([a], { elsewhere: ['rev_a'] }), [
      { name: 'shop/a', revisionsSchema: 'rev_a' },
    ])
  },
)

void t.test('does not look once there are rows', async t => {
  const table = { revisions: rowsOf({ '1.sql': '' }) }
  t.strictSame(await beside([other('a', { revisionsSchema: 'rev_a' })], table), [])
})
