import { test } from 'tap'
import { objectKey } from '../../../src/policy/facts/catalog-objects.js'
import type { Facts } from '../../../src/policy/facts/facts.js'
import { ConcealedUrl } from '../../../src/review/url/concealed-url.js'
import { PartReads } from '../../../src/review/facts/part-reads.js'
import { readPendingObjects } from '../../../src/review/facts/pending-objects.js'
import { TableReads } from '../../../src/review/facts/table-reads.js'
import type { ObjectsQuery, RevisionsReader } from '../../../src/review/ports/ports.js'
import { buildFacts, files, rowsOf } from '../../policy/facts/facts-builder.js'
import { unhurriedDeadline } from '../fakes.js'

type ReadObjects = NonNullable<RevisionsReader['readObjects']>

const there = {
  exists: true,
  schema: 'public',
  table: null,
  owner: null,
  owned: true,
  mayDrop: true,
  mayCreate: true,
}

/** Answers that everything is there, and notes what is asked. */
function answering(queries: ObjectsQuery[]): ReadObjects {
  return async query => {
    queries.push(query)
    return new Map(query.objects.map(asked => [objectKey(asked), there]))
  }
}

function sources(readObjects?: ReadObjects) {
  const reader: RevisionsReader = {
    readTable: async () => ({ kind: 'unread' }),
    readIdentity: async () => null,
    ...(readObjects && { readObjects }),
  }
  const parts = new PartReads('app/schema', new Promise(() => undefined), () => undefined)
  const use = new TableReads(reader, unhurriedDeadline()).use('app')
  return { use, parts, turn: async () => undefined }
}

const resolved = {
  facts: { kind: 'unresolved' },
  url: new ConcealedUrl('postgres://db/app'),
  missing: [],
} as const

const pair = files('1', '2')
const pending: Facts = buildFacts({ files: pair, rows: rowsOf(pair, ['1']) })

void test('a second trip is made only while files are pending', async t => {
  const queries: ObjectsQuery[] = []
  const own = sources(answering(queries))
  const ready = buildFacts({ files: pair, rows: rowsOf(pair) })
  t.equal(await readPendingObjects(ready, resolved, own), null)
  const rows = { '1.sql': 'INSERT INTO a VALUES (1);\n' }
  t.equal(await readPendingObjects(buildFacts({ files: rows, rows: [] }), resolved, own), null)
  t.same(queries, [], 'neither without a pending file, nor for one that names nothing')
  t.equal((await readPendingObjects(pending, resolved, own))?.size, 1)
  await readPendingObjects(pending, resolved, own)
  t.match(queries, [{ objects: [{ kind: 'relation', name: 't_2' }] }])
  t.equal(queries.length, 1, 'the same is asked once, before and after the write')
})

void test('a database that does not tell leaves the rest of the verdict as it is', async t => {
  const silent = sources(async () => null)
  t.equal(await readPendingObjects(pending, resolved, silent), null)
  t.equal(await readPendingObjects(pending, resolved, sources()), null, 'nor one that is not asked')
  const failing = sources(async () => {
    throw new Error('broken')
  })
  t.equal(await readPendingObjects(pending, resolved, failing), null)
  t.same(failing.parts.undecided(), [])
  t.same(failing.parts.unchecked(), ['what the database holds already'])
})
