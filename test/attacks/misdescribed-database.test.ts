import { t, test, type Test } from 'tap'
import { ask, buildTestReader, soon } from '../database/test-reader.js'
import {
  answerOf,
  revisionColumns,
  usualCatalog,
  usualRow,
  welcome,
} from './harness/fake-messages.js'
import { startFakePostgres } from './harness/fake-postgres.js'

// Longer than tap's 30 s on a machine where many things run at once.
t.setTimeout(200_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=200000')

/** A server that answers every question of a table with the same; the URL of it. */
async function answering(t: Test, answer: (question: string) => Buffer): Promise<string> {
  const server = await startFakePostgres(t, {
    session: async wire => {
      wire.send(welcome)
      for (;;) wire.send(answer((await wire.until('Q')).toString()))
    },
  })
  return server.url()
}

const usual = usualCatalog()
const complete = {
  ...usual,
  schemaUsable: true,
  tableReadable: true,
  defaultTable: false,
  elsewhere: [],
  schemas: [{ name: 'public', tables: [] }],
}

const deep = 400_000

/** What a server may write where the reader asks for one object; `null` is NULL. */
const wrongTexts: Readonly<Record<string, string | null>> = {
  NULL: null,
  'no JSON': 'no such thing',
  'the JSON null': 'null',
  'a number': '5',
  'a text': '"columns"',
  'a list': '[]',
  'an empty object': '{}',
  'half of it': '{"columns": 5}',
  'a prototype that has it all': `{"__proto__": ${JSON.stringify(complete)}}`,
  'a constructor': '{"constructor": {"prototype": {"database": "5", "locked": false}}}',
  'deep lists': '['.repeat(deep) + ']'.repeat(deep),
  'deep lists for the columns': wrong({ columns: 'DEEP' }).replace(
    '"DEEP"',
    '['.repeat(deep) + ']'.repeat(deep),
  ),
  'more than a catalog has': wrong({ columns: Array.from({ length: 200_000 }, () => 'abc') }),
  'a number for the columns': wrong({ columns: 5 }),
  'an object for the columns': wrong({ columns: { length: 11 } }),
  'numbers among the columns': wrong({ columns: ['version', 5] }),
  'a null among the columns': wrong({ columns: ['version', null] }),
  'a text for the lock': wrong({ locked: 'no' }),
  'a number for the system': wrong({ system: 7 }),
  'a system that is no number': wrong({ system: 'constructor' }),
  'a system without end': wrong({ system: '7'.repeat(100_000) }),
  'no database': wrong({ database: null }),
  'a database that is an object': wrong({ database: { toString: '5' } }),
  'a database without end': wrong({ database: '5'.repeat(100_000) }),
  'a list for the other kind of server': wrong({ cockroach: ['x'] }),
}

/** The same where it is asked for all of the catalog. */
const wrongCatalogs: Readonly<Record<string, string>> = {
  'the usual facts alone': JSON.stringify(usual),
  'a text for a right': wrong({ schemaUsable: 'yes' }),
  'a text for the schemas elsewhere': wrong({ elsewhere: 'abc' }),
  'more schemas elsewhere than asked for': wrong({ elsewhere: Array(21).fill('a') }),
  'a name without end': wrong({ elsewhere: ['a'.repeat(100_000)] }),
  'more schemas than asked for': wrong({
    schemas: Array.from({ length: 4 }, () => ({ name: 'a', tables: [] })),
  }),
  'a schema without tables': wrong({ schemas: [{ name: 'a' }] }),
  'a schema that is a text': wrong({ schemas: ['public'] }),
  'a table that is a number': wrong({ schemas: [{ name: 'a', tables: [1] }] }),
  'a table without end': wrong({ schemas: [{ name: 'a', tables: ['a'.repeat(100_000)] }] }),
}

function wrong(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...complete, ...fields })
}

const malformed = { kind: 'failed', failure: 'malformed-table' }

void test('a catalog of a shape that no PostgreSQL has is a fault of that database', async t => {
  for (const [name, text] of Object.entries(wrongTexts)) {
    const url = await answering(t, () => answerOf(text, [usualRow]))
    const reader = buildTestReader(t)
    t.match(await reader.readTable(ask(url), soon()), malformed, name)
    await reader.close()
  }
})

void test('so is one that is asked about more, since there are no rows', async t => {
  for (const [name, text] of Object.entries({ ...wrongTexts, ...wrongCatalogs })) {
    const url = await answering(t, question =>
      answerOf(question.includes('schemaUsable') ? text : JSON.stringify(complete), []),
    )
    const reader = buildTestReader(t)
    t.match(await reader.readTable(ask(url), soon()), malformed, name)
    await reader.close()
  }
})

void test('what a server says of itself is not taken as it comes either', async t => {
  for (const [name, text] of Object.entries(wrongTexts)) {
    if (/columns|lock/.test(name)) continue
    const url = await answering(t, () => answerOf(text, []))
    const urls = [{ reveal: () => url }, { reveal: () => `${url}&x=1` }] as const
    const failures: string[] = []
    const reader = buildTestReader(t, { onFailure: failure => failures.push(failure) })
    t.equal(await reader.readIdentity(urls[0], soon()), null, name)
    t.equal(await reader.readServer(urls[0], soon()), null, name)
    const comparison = { urls, revisionsSchema: 'atlas_schema_revisions' }
    t.equal(await reader.compareDatabases(comparison, soon()), 'unknown', name)
    t.ok(
      failures.length > 2 && failures.every(failure => failure === 'malformed-table'),
      `${name}: ${failures.join()}`,
    )
    await reader.close()
  }
})

/** Values of a row that no table of Atlas has. */
const wrongValues: readonly [string, string | null][] = [
  ['applied', '9223372036854775808'],
  ['applied', '9007199254740993'],
  ['total', '-9223372036854775809'],
  ['total', '9'.repeat(400)],
  ['type', 'NaN'],
  ['type', 'Infinity'],
  ['type', '1e3'],
  ['type', ''],
  ['type', '1.5'],
  ['partial_hashes', '{}'],
  ['partial_hashes', '5'],
  ['partial_hashes', '[5]'],
  ['partial_hashes', '[null]'],
  ['partial_hashes', '["a"'],
  ['partial_hashes', '[{"__proto__": []}]'],
  ['partial_hashes', '['.repeat(deep) + ']'.repeat(deep)],
  ['partial_hashes', `[${'"",'.repeat(1_500_000)}""]`],
]

void test('a value that no row of Atlas has is a fault of that database', async t => {
  for (const [column, value] of wrongValues) {
    const row = usualRow.map((usualValue, index) =>
      revisionColumns[index] === column ? value : usualValue,
    )
    const url = await answering(t, () => answerOf(JSON.stringify(usual), [row]))
    const reader = buildTestReader(t)
    const facts = await reader.readTable(ask(url), soon())
    t.match(facts, malformed, `${column}: ${value?.slice(0, 30)}`)
    await reader.close()
  }
})

void test('a row of other columns is a fault of that database', async t => {
  for (const row of [[], ['1'], [...usualRow, 'more']]) {
    const url = await answering(t, () => answerOf(JSON.stringify(usual), [row]))
    const facts = await buildTestReader(t).readTable(ask(url), soon())
    t.match(facts, malformed, `${row.length} columns`)
  }
})

void test('an identifier without end is none, so that nothing large is remembered', async t => {
  const identifierRow = usualRow.map((value, index) =>
    index === 0 ? '.atlas_cloud_identifier' : index === 1 ? 'x'.repeat(1000) : value,
  )
  const url = await answering(t, () => answerOf(JSON.stringify(usual), [usualRow, identifierRow]))
  const facts = await buildTestReader(t).readTable(ask(url), soon())
  t.match(facts, { kind: 'read', identity: { system: '7', database: '5', identifier: null } })
})
