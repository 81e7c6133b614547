import t from 'tap'
import { searchPathCarried } from '../../../src/policy/rules/search-path-carried.js'
import { contentFacts, predicted, resolved } from './object-facts.js'

// What the second file does was tried with the real engine on PostgreSQL 15: it fails with "no schema
// has been selected to create in", or its table comes to be in the other schema.

const found = (first: string, second = 'CREATE TABLE b (x int);', known = {}) =>
  searchPathCarried.evaluate(
    contentFacts(
      { '1_a.sql': first, '2_b.sql': second },
      { target: resolved(), prediction: predicted(['1_a.sql', '2_b.sql']), ...known },
    ),
  )

const carried = [
  "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a (x int);",
  "SET search_path = '';",
  'SET search_path TO shop;',
  'SET SESSION search_path = shop, public;',
]

const harmless = [
  "SELECT pg_catalog.set_config('search_path', '', true);",
  'SET LOCAL search_path = shop;',
  'SET search_path = public;',
  "SELECT set_config('search_path', '', false);\nRESET search_path;",
  'SET search_path TO shop;\nSET search_path TO DEFAULT;',
  'CREATE TABLE a (x int);',
]

void t.test('a path that is carried into the next file', async t => {
  for (const text of carried) {
    t.match(found(text), {
      found:
        '2_b.sql creates a table without its schema (line 1), after 1_a.sql changed search_path',
      remedy: 'end 1_a.sql with `RESET search_path;` and run `atlas migrate hash`',
      at: { file: '2_b.sql', line: 1 },
    })
    t.equal(found(text, 'CREATE TABLE public.b (x int);'), null)
    t.equal(found(text, 'SET search_path = shop;\nCREATE TABLE b (x int);'), null)
    t.equal(found(`${text}\nRESET search_path;`), null, 'the advice is followed')
  }
})

void t.test('a path that ends with its file, or is the same', async t => {
  for (const text of harmless) t.equal(found(text), null, text)
})

void t.test('nothing is said of what does not run together', async t => {
  const known = { prediction: predicted(['2_b.sql']) }
  t.equal(found(carried[0]!, undefined, known), null)
  t.equal(found(carried[0]!, undefined, { prediction: null }), null)
  t.equal(found(carried[0]!, undefined, { directory: { kind: 'remote' } }), null)
})
