import t from 'tap'
import type { StatementDialect } from '../../../src/atlas/statement/dialect.js'
import { cursorOf } from '../../../src/atlas/statement/word-cursor.js'
import { readWords } from '../../../src/atlas/statement/words.js'

// What stands here about comments, quotes and folding was tried on PostgreSQL 15, MariaDB 10.11 and
// SQLite: `SELECT` of the text, or `CREATE TABLE` of the name and a look into the catalog.

type Case = [statement: string, words: readonly string[], dialect?: StatementDialect]

const cases: readonly Case[] = [
  ['DROP TABLE Shop."Ord""ers";', ['w:drop', 'w:table', 'w:shop', 'm:.', 'n:Ord"ers', 'm:;']],
  ['DROP TABLE Shop.`Ord``ers`', ['w:DROP', 'w:TABLE', 'w:Shop', 'm:.', 'n:Ord`ers'], 'mysql'],
  ['DROP TABLE [a b]."c"', ['w:DROP', 'w:TABLE', 'n:a b', 'm:.', 'n:c'], 'sqlite'],
  ['Ünd ÜND', ['w:Ünd', 'w:Ünd']],
  ["'a''b' E'a\\'b' e'\\\\' x", ["s:a'b", "s:a\\'b", 's:\\\\', 'w:x']],
  ["'a\\' b", ['s:a\\', 'w:b']],
  ["'a\\' b' c", ["s:a\\' b", 'w:c'], 'mysql'],
  ['"a\\" b" c', ['s:a\\" b', 'w:c'], 'mysql'],
  ['U&"d\\0061t\\+000061" U&\'\\\\\' U&x', ['n:data', 's:\\', 'w:u', 'm:&', 'w:x']],
  ["B'01' X'1F' N'a' x 'y'", ['s:01', 's:1F', 's:a', 'w:x', 's:y']],
  ['$$a;b$$ $x$ $y$ $x$ $1', ['s:a;b', 's: $y$ ', 'm:$', 'd:1']],
  ['a$b$c $d', ['w:a$b$c', 'm:$', 'w:d']],
  ['$$a$$', ['w:$$a$$'], 'mysql'],
  ['a /* b /* c */ d */ e -- f\ng', ['w:a', 'w:e', 'w:g']],
  ['a /* b /* c */ d', ['w:a', 'w:d'], 'mysql'],
  ['a /* b /* c */ d', ['w:a', 'w:d'], 'sqlite'],
  ['a --b\nc -- d\ne # f\ng', ['w:a', 'm:-', 'm:-', 'w:b', 'w:c', 'w:e', 'w:g'], 'mysql'],
  ['a --', ['w:a'], 'mysql'],
  ['/*!40101 SET a*/ /*M!100100 b */ c', ['w:SET', 'w:a', 'w:b', 'w:c'], 'mysql'],
  ['a # b', ['w:a', 'm:#', 'w:b']],
  ['1.5e3 .5 1_000', ['d:1.5e3', 'm:.', 'd:5', 'd:1_000']],
  ['\\restrict x', ['m:\\', 'w:restrict', 'w:x']],
  ["'open", ['s:open']],
  ['$$open', ['s:open']],
  ['/* open', []],
  ['-- open', []],
  ['', []],
]

const letters = { word: 'w', name: 'n', string: 's', number: 'd', mark: 'm' }

for (const [statement, words, dialect = 'postgres'] of cases) {
  void t.test(`reads ${JSON.stringify(statement)} as ${dialect} does`, async t => {
    const read = readWords(statement, dialect)
    t.strictSame(
      read.map(({ kind, text }) => `${letters[kind]}:${text}`),
      words,
    )
    for (const { start, end } of read) t.ok(start < end && end <= statement.length)
  })
}

void t.test('compares keywords in lower case, and never what stands in quotes', async t => {
  t.strictSame(
    readWords('Drop "drop" \'drop\' 1e5 (', 'mysql').map(({ key }) => key),
    ['drop', '', '', '', '('],
  )
})

void t.test('reads no more than the first words', async t => {
  t.equal(readWords('a '.repeat(1000), 'postgres').length, 400)
  t.equal(readWords('a b c', 'postgres', 2).length, 2)
})

void t.test('takes names with their schema', async t => {
  const cursor = cursorOf(
    'DROP TABLE IF EXISTS Shop.Orders, ONLY "Items" *, db.s.x CASCADE',
    'postgres',
  )
  t.ok(cursor.take('drop', 'table'))
  t.notOk(cursor.take('if', 'not', 'exists'))
  t.ok(cursor.take('if', 'exists'))
  t.strictSame(cursor.takeNames(), [
    { schema: 'shop', name: 'orders' },
    { schema: null, name: 'Items' },
    { schema: 's', name: 'x' },
  ])
  t.equal(cursor.takeOneOf('restrict', 'cascade'), 'cascade')
  t.equal(cursor.takeName(), null)
  t.equal(cursor.skip(), null)
})

void t.test('takes what is there and leaves the rest', async t => {
  const cursor = cursorOf("SET x.* 'y'", 'postgres')
  cursor.skip()
  t.strictSame(cursor.takeName(), { schema: null, name: 'x' })
  t.equal(cursor.next?.key, '.')
  t.equal(cursor.takeString(), null)
  t.ok(cursor.take('.', '*'))
  t.equal(cursor.takeString(), 'y')
  t.strictSame(cursorOf('Shop.Orders', 'mysql').takeName(), { schema: 'Shop', name: 'Orders' })
})

void t.test('shortens a name as PostgreSQL does', async t => {
  t.equal(cursorOf('x'.repeat(70), 'postgres').takeName()?.name, 'x'.repeat(63))
  t.equal(cursorOf(`x${'é'.repeat(40)}`, 'postgres').takeName()?.name, `x${'é'.repeat(31)}`)
  t.equal(cursorOf('é'.repeat(40), 'postgres').takeName()?.name, 'é'.repeat(31))
  t.equal(cursorOf('x'.repeat(70), 'mysql').takeName()?.name, 'x'.repeat(70))
})
