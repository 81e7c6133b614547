import { readFileSync } from 'node:fs'
import t from 'tap'
import { revisionsTableInFile } from '../../../src/policy/rules/revisions-table-in-file.js'
import type { Target } from '../../../src/policy/facts/facts.js'
import { contentFacts, predicted, resolved } from './object-facts.js'

// test/fixtures/outcomes/revisions-table.json: each text was run on PostgreSQL 15 beside a revisions
// table with one row. `outcome` tells whether it failed, whether the table then took no further row,
// or which rows it lost; null when none of that happened.

interface Outcome {
  readonly boundSchema: string | null
  readonly text: string
  readonly outcome: string | null
}

const outcomes = JSON.parse(
  readFileSync('test/fixtures/outcomes/revisions-table.json', 'utf8'),
) as readonly Outcome[]

const found = (text: string, target: Partial<Target> = {}, known = {}) =>
  revisionsTableInFile.evaluate(
    contentFacts(
      { '1.sql': text, '2.sql': 'DROP SCHEMA atlas_schema_revisions CASCADE;' },
      { target: resolved(target), prediction: predicted(['1.sql']), ...known },
    ),
  )

/** What fails for another reason, or where the name leads is not known from the text. */
const unseen = new Set([
  'DROP TABLE atlas_schema_revisions;',
  'CREATE SCHEMA AUTHORIZATION atlas_schema_revisions;',
  "SELECT set_config('search_path', 'atlas_schema_revisions', false); DROP TABLE atlas_schema_revisions;",
  'SET search_path = atlas_schema_revisions, public; DROP TABLE atlas_schema_revisions;',
])

/** May be meant as a repair, so it is warned of whatever it does. */
const repair = /^(?:INSERT|UPDATE|DELETE)|DROP COLUMN|RENAME COLUMN|DROP CONSTRAINT/

for (const { boundSchema, text, outcome } of outcomes) {
  void t.test(`${boundSchema ?? 'unbound'}: ${text} ${outcome ?? 'does no harm'}`, async t => {
    if (boundSchema === null && unseen.has(text)) return
    const target = boundSchema === null ? {} : { boundSchema, revisionsSchema: boundSchema }
    const finding = found(text, target)
    t.equal(finding !== null, outcome !== null, finding?.found ?? 'nothing found')
    if (finding !== null) t.equal(finding.severity, repair.test(text) ? 'warn' : undefined)
  })
}

void t.test('says what the file does, where, and how to leave it out', async t => {
  const dump =
    'CREATE TABLE a (x int);\n\nCREATE TABLE\natlas_schema_revisions.atlas_schema_revisions (x int);'
  t.match(found(dump), {
    found: "1.sql creates Atlas's revisions table (line 3)",
    remedy: 'leave it out (`pg_dump -N atlas_schema_revisions`)',
    subjects: ['1.sql: creates'],
    at: { file: '1.sql', line: 3 },
  })
  const bound = { boundSchema: 'public', revisionsSchema: 'public' }
  t.match(found('CREATE SCHEMA public;', bound)?.remedy, 'write CREATE SCHEMA IF NOT EXISTS')
  t.match(found('DROP TABLE atlas_schema_revisions;', bound)?.remedy, 'remove the statement')
  const both =
    'CREATE SCHEMA atlas_schema_revisions; CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (x int);'
  t.equal(found(both)?.details?.length, 1)
})

void t.test('warns where it is not certain which table it is, or what would run', async t => {
  const drop = 'DROP TABLE atlas_schema_revisions;'
  t.equal(found(drop, { revisionsSchema: 'public' })?.severity, 'warn')
  t.equal(found('DROP OWNED BY CURRENT_USER CASCADE;')?.severity, 'warn')
  t.equal(found('DROP OWNED BY reporting;'), null)
  t.equal(found('SELECT 1;', {}, { prediction: null })?.severity, 'warn')
  t.equal(found('SELECT 1;', {}, { prediction: predicted([]) }), null)
  t.equal(found(drop, { boundSchema: 'Shop', revisionsSchema: 'Shop' }), null)
  t.equal(found(drop, {}, { target: { kind: 'none' } }), null)
})

void t.test('knows the forms of MySQL', async t => {
  const mysql = { dialect: 'mysql', boundSchema: 'shop', revisionsSchema: 'shop' } as const
  const of = (text: string) => found(text, mysql, { prediction: null })?.severity
  for (const text of [
    'DROP TABLE `atlas_schema_revisions`;',
    'RENAME TABLE atlas_schema_revisions TO x;',
    'CREATE TABLE shop.atlas_schema_revisions (x int);',
    'DROP DATABASE IF EXISTS `shop`;',
    'CREATE DATABASE shop;',
  ])
    t.equal(of(text), 'warn', text)
  t.equal(of('CREATE DATABASE IF NOT EXISTS shop;'), undefined)
})
