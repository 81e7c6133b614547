import { dirState, migrate } from '../live-gate.js'
import { createRevisionsTable, execute, insertRevisions } from '../../../database/test-postgres.js'
import { withSum, type Files } from '../../../policy/facts/facts-builder.js'
import { statementHashes } from '../../../../src/atlas/statement/statement.js'
import {
  appPlace,
  directoryOf,
  fresh,
  hashOf,
  pair,
  third,
  type Place,
  type Row,
  type Scene,
} from './situation.js'

// Files that failed half-way.

const create1 = 'create table t1 (id int);'
const failing = 'insert into nosuch values (1);'
const create2 = 'create table t2 (id int);'

function bad(...statements: readonly string[]): Files {
  const { '20250101000000_a.sql': a = '' } = pair
  const text = `-- atlas:txmode none\n\n${statements.join('\n')}\n`
  return withSum({ '20250101000000_a.sql': a, '20250102000000_bad.sql': text })
}

const failed = bad(create1, failing, create2)

/** One of three statements ran, with txmode none, as recorded: counters, error, and hashes of what ran. */
async function halfWay({ url, object }: Place, data: Files): Promise<Scene> {
  await migrate(url, failed, { versions: ['20250101000000'] })
  await execute(url, create1)
  await insertRevisions(url, [
    {
      version: '20250102000000',
      description: 'bad',
      applied: 1,
      total: 3,
      error: 'pq: relation "nosuch" does not exist',
      errorStatement: failing,
      hash: hashOf(failed, '20250102000000_bad.sql'),
      partialHashes: statementHashes([create1]).map(hash => `h1:${hash}`),
      executedAt: '2026-02-01T00:00:00Z',
    },
  ])
  const directory = directoryOf(object, failed)
  return {
    objects: [directory, object],
    write: { before: directory, after: directoryOf(object, data) },
  }
}

const fixed = bad(create1, 'insert into a values (1);', create2)

export const halfWayFiles: readonly Row[] = [
  [
    'd10a-failed-in-tx',
    place => fresh(place, withSum({ ...pair, '20250102000000_b.sql': `${create1}\n${failing}\n` })),
    { first: 'apply', next: 'ready', condition: 'sql', denied: [], warned: [] },
  ],
  [
    'd10b-partial',
    place => fresh(place, failed),
    { first: 'apply', next: 'ready', condition: 'sql', denied: [], warned: [] },
  ],
  [
    'd10b-after-fix',
    place => halfWay(place, fixed),
    { first: 'apply', next: 'ready', condition: 'first', denied: [], warned: ['revision-partial'] },
  ],
  [
    'd10c-partial-history-changed',
    place => halfWay(place, bad('create table t1 (id bigint);', failing, create2)),
    { first: 'apply', condition: 'first', denied: ['revision-partial'], warned: [] },
  ],
  [
    'd10d-partial-file-removed',
    place => halfWay(place, withSum({ '20250101000000_a.sql': pair['20250101000000_a.sql']! })),
    { first: 'error-status', condition: 'first', denied: ['revision-partial'], warned: [] },
  ],
  [
    // The row keeps the hash of the text that failed: no proof of an edit.
    'the next file after one that was repaired half-way',
    async ({ url }) => {
      const { object } = appPlace(url)
      await migrate(url, fixed)
      const stale = hashOf(failed, '20250102000000_bad.sql')
      const table = 'atlas_schema_revisions.atlas_schema_revisions'
      await execute(url, `update ${table} set hash = '${stale}' where version = '20250102000000'`)
      const directory = directoryOf(object, fixed)
      const after = directoryOf(object, withSum({ ...fixed, ...third }))
      const objects = [directory, object, await dirState('app', fixed)]
      return { objects, write: { before: directory, after } }
    },
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'rows of "atlas migrate set"',
    async ({ url }) => {
      await execute(url, 'create table a (id int)', 'create table b (id int)')
      await createRevisionsTable(url)
      const rows = ['20250101000000_a', '20250102000000_b'].map(name => ({
        version: name.slice(0, 14),
        description: name.slice(15),
        type: 4,
        applied: 0,
        total: 0,
        hash: hashOf(pair, `${name}.sql`),
      }))
      await insertRevisions(url, rows)
      return fresh(appPlace(url), pair)
    },
    { first: 'ready', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
]
