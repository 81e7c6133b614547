import { test } from 'tap'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import type { Target } from '../../../src/policy/facts/facts.js'
import { ConcealedUrl } from '../../../src/review/url/concealed-url.js'
import { TableReads } from '../../../src/review/facts/table-reads.js'
import { TableRoom } from '../../../src/review/limits/table-room.js'
import type { RevisionsReader } from '../../../src/review/ports/ports.js'
import { filesOf, rowsOf, unhurriedDeadline } from '../fakes.js'

const [row] = rowsOf(filesOf('1')) as [Revision]
const identity = { system: '1', database: '1', identifier: null }

/** Reads tables of so many bytes in their one row, and notes what is read. */
function readerOf(bytes: number, reads: string[]): RevisionsReader {
  return {
    readTable: async ({ url }) => {
      reads.push(url.reveal())
      const revisions = [{ ...row, error: 'e'.repeat(bytes) }]
      const nothing = { notClean: null, ambiguous: false, elsewhere: [], locked: false }
      return { kind: 'read', identity, revisions, ...nothing }
    },
    readIdentity: async () => identity,
  }
}

const mib = 1024 * 1024

function targetOf(fingerprint: string): Target {
  return {
    dialect: 'postgres',
    host: 'db',
    port: 5432,
    database: 'app',
    boundSchema: null,
    revisionsSchema: 'atlas_schema_revisions',
    fromSecret: false,
    fingerprint,
  }
}

type Using = ReturnType<TableReads['use']>

const read = (use: Using, name: string) =>
  use.readTable(new ConcealedUrl(name), targetOf(name), false)

void test('A large table is kept until the last verdict that uses it is over', async t => {
  const reads: string[] = []
  const room = new TableRoom(3 * mib)
  const tables = new TableReads(readerOf(2 * mib, reads), unhurriedDeadline(), room)
  const [one, two] = [tables.use('shop'), tables.use('shop')]
  const [first, second] = await Promise.all([read(one, 'a'), read(two, 'a')])
  t.equal(first, second, 'both are judged by the same rows')
  one.end()
  t.equal(await read(two, 'a'), first)
  t.notOk(room.fits(2 * mib))
  two.end()
  t.ok(room.fits(2 * mib), 'its room is free again')
  const three = tables.use('shop')
  await read(three, 'a')
  three.end()
  t.strictSame(reads, ['a', 'a'])
})

void test('A small table is kept until the review is over', async t => {
  const reads: string[] = []
  const tables = new TableReads(readerOf(10, reads), unhurriedDeadline(), new TableRoom(1))
  for (const use of [tables.use('shop'), tables.use('shop')]) {
    await read(use, 'a')
    use.end()
  }
  t.strictSame(reads, ['a'])
})

void test('Without room a verdict waits, and then reads its table anew', async t => {
  const reads: string[] = []
  const room = new TableRoom(3 * mib)
  const tables = new TableReads(readerOf(2 * mib, reads), unhurriedDeadline(), room)
  const [one, two, gone] = [tables.use('shop'), tables.use('shop'), tables.use('shop')]
  await read(one, 'a')
  const waiting = read(two, 'b')
  void read(gone, 'c')
  const moved = await read(one, 'd')
  t.equal(
    moved.kind,
    'read',
    'a verdict that has room waits for no second one: it might be for ever',
  )
  gone.end()
  one.end()
  t.equal((await waiting).kind, 'read')
  two.end()
  await new Promise(resolve => setImmediate(resolve))
  const late = tables.use('shop')
  const reading = read(late, 'e')
  late.end()
  await reading
  t.ok(
    room.fits(3 * mib),
    'also the room of verdicts that ended while they waited or read is free again',
  )
  t.strictSame(reads.toSorted(), ['a', 'b', 'b', 'c', 'c', 'd', 'e'])
})
