import { readFileSync } from 'node:fs'
import t from 'tap'
import { transactionInFile } from '../../../src/policy/rules/transaction-in-file.js'
import { contentFacts, predicted, resolved } from './object-facts.js'

// Expected values come from test/fixtures/outcomes/postgres-15.json: what became of each file when
// the real engine ran it on PostgreSQL 15.

const { files } = JSON.parse(readFileSync('test/fixtures/outcomes/postgres-15.json', 'utf8')) as {
  readonly files: readonly { readonly text: string; readonly error: string | null }[]
}

const found = (text: string, known = {}) =>
  transactionInFile.evaluate(
    contentFacts(
      { '1_a.sql': text },
      { target: resolved(), prediction: predicted(['1_a.sql']), ...known },
    ),
  )

void t.test('finds every file of which the engine lost its transaction', async t => {
  const lost = files.filter(({ error }) => error?.includes('transaction status idle') === true)
  t.ok(lost.length > 5)
  for (const { text } of lost) t.equal(found(text)?.at?.file, '1_a.sql', text)
})

void t.test('leaves files alone that run and end no transaction', async t => {
  for (const { text, error } of files) {
    // These end it and begin another, so the engine does not notice.
    if (error === null && !/^(?:COMMIT|ROLLBACK)\b/.test(text)) t.equal(found(text), null, text)
  }
})

type Case = readonly [text: string, found: string, remedy: string]

const cases: readonly Case[] = [
  [
    'BEGIN;\nCREATE TABLE a (x int);\nCOMMIT;',
    '1_a.sql ends the transaction of Atlas (line 3: COMMIT)',
    'remove BEGIN and COMMIT and run `atlas migrate hash`',
  ],
  [
    'CREATE TABLE a (x int);\nrollback;',
    '1_a.sql undoes what ran before it (line 2: ROLLBACK)',
    'remove BEGIN and ROLLBACK to keep its changes and run `atlas migrate hash`',
  ],
  [
    'COMMIT;\nCREATE INDEX CONCURRENTLY i ON t (x);\nBEGIN;\n',
    '1_a.sql ends the transaction of Atlas (line 1: COMMIT)',
    'put `-- atlas:txmode none` and an empty line at its top instead and run `atlas migrate hash`',
  ],
  [
    'BEGIN;\nEND TRANSACTION;',
    '1_a.sql ends the transaction of Atlas (line 2: END)',
    'remove BEGIN and END',
  ],
]

for (const [text, sentence, remedy] of cases) {
  void t.test(`says of ${JSON.stringify(text)} what to do`, async t => {
    t.match(found(text), { found: sentence, remedy })
  })
}

void t.test('looks only at what would run on PostgreSQL', async t => {
  t.equal(found('COMMIT;', { prediction: null }), null)
  t.equal(found('COMMIT;', { prediction: predicted([]) }), null)
  t.equal(found('COMMIT;', { target: resolved({ dialect: 'mysql' }) }), null)
  t.equal(found('COMMIT;', { directory: { kind: 'remote' } }), null)
})
