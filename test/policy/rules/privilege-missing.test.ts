import t from 'tap'
import type { DatabaseAccess, LackingRight } from '../../../src/policy/facts/database-access.js'
import { objectKey } from '../../../src/policy/facts/catalog-objects.js'
import type { Facts } from '../../../src/policy/facts/facts.js'
import { askedObjects } from '../../../src/policy/objects/pending-objects.js'
import { buildExplanation } from '../../../src/policy/explain/explanation.js'
import { databaseError } from '../../../src/policy/rules/database-error.js'
import { privilegeMissing } from '../../../src/policy/rules/privilege-missing.js'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { evaluateRules, introduced } from '../../../src/policy/enforcement/verdict.js'
import { buildFacts, files, rowsOf, type Situation } from '../facts/facts-builder.js'
import { judge } from './judge.js'

// Which rights Atlas needs when is tried on a real database, with what its command line said there,
// in test/database/query/access.test.ts.

const access = (...lacking: readonly LackingRight[]): DatabaseAccess => ({
  role: 'app',
  standby: false,
  readOnly: false,
  schemaMissing: lacking.some(({ on }) => on === 'database'),
  lacking,
})

const create = access({ right: 'CREATE', on: 'database' })
const write = access({ right: 'INSERT', on: 'table' }, { right: 'UPDATE', on: 'table' })
const column = access({ right: 'OWNER', on: 'table' })

const first = files('1')
const two = files('1', '2')
const ran: Partial<Situation> = { rows: rowsOf(first) }

const atTable = 'app: INSERT on table of app/atlas_schema_revisions'
const atTableToo = 'app: UPDATE on table of app/atlas_schema_revisions'

judge(privilegeMissing, [
  [
    'a table that cannot be made',
    { files: first, table: { access: create } },
    {
      severity: 'deny',
      subjects: ['app: CREATE on database of app/atlas_schema_revisions'],
      says: /role app lacks CREATE on database app.*\n.*\nrun GRANT CREATE ON DATABASE app TO app\n/s,
    },
  ],
  [
    'a table that need not be made: no file is there',
    { files: {}, table: { access: create } },
    null,
  ],
  [
    'a table that is not reached: atlas.sum is wrong',
    { files: first, wrongSum: true, table: { access: create } },
    null,
  ],
  [
    'rows that cannot be written, with a file pending',
    { ...ran, files: two, table: { access: write } },
    { severity: 'deny', subjects: [atTable, atTableToo] },
  ],
  ['rows that need not be written', { ...ran, files: first, table: { access: write } }, null],
  [
    'the row of a baseline, though no file is pending',
    {
      rows: [],
      files: first,
      spec: { baseline: '1' },
      notClean: 'found schema "public"',
      table: { access: write },
    },
    null,
  ],
  [
    'the row of a baseline in a database that Atlas finds clean',
    { rows: [], files: first, spec: { baseline: '1' }, table: { access: write } },
    { severity: 'deny', subjects: [atTable, atTableToo] },
  ],
  [
    'a column that cannot be added, though nothing is pending',
    { ...ran, files: first, table: { access: column } },
    {
      severity: 'deny',
      subjects: ['app: OWNER on table of app/atlas_schema_revisions'],
      says: /lacks a column, and role app is not its owner/,
    },
  ],
  ['nothing that lacks', { files: first, table: { access: access() } }, null],
  ['a server that was not asked', { files: first }, null],
])

void t.test('Names that need quotes have them in the statement', t => {
  const finding = privilegeMissing.evaluate(
    buildFacts({
      files: first,
      target: { database: 'My "shop"' },
      table: { access: { ...create, role: 'user' } },
    }),
  )
  t.equal(finding?.remedy, 'run GRANT CREATE ON DATABASE "My ""shop""" TO "user"')
  t.end()
})

void t.test('A table that may not be read is found once, by this rule', t => {
  const failed = {
    kind: 'failed',
    failure: 'permission',
    message: 'the role of the URL lacks the right SELECT on the table atlas_schema_revisions',
    access: access({ right: 'SELECT', on: 'table' }),
  } as const
  const facts = buildFacts({ files: first, table: failed })
  t.match(privilegeMissing.evaluate(facts), {
    remedy: 'run GRANT SELECT ON atlas_schema_revisions.atlas_schema_revisions TO app',
  })
  t.equal(databaseError.evaluate(facts), null)
  const empty = buildFacts({ files: {}, table: failed })
  t.equal(privilegeMissing.evaluate(empty), null, 'nothing is read for an empty directory')
  t.match(databaseError.evaluate(empty), { found: /lacks the right SELECT/ })
  t.end()
})

void t.test('A write that leaves the rights as they were does not introduce the finding', t => {
  const find = (situation: Situation) => evaluateRules(buildFacts(situation), [privilegeMissing])
  const pending = find({ ...ran, files: two, table: { access: write } })
  const more = find({ ...ran, files: files('1', '2', '3'), table: { access: write } })
  const none = find({ ...ran, files: first, table: { access: write } })
  t.match(introduced(pending, more), [{ introduced: false }])
  t.match(introduced(none, more), [{ introduced: true }], 'the first pending file does')
  t.end()
})

void t.test('What the files lack besides stands behind it, once for each way out', t => {
  const facts = buildFacts({ files: files('1', '2'), table: { access: create } })
  const found = { exists: false, schema: 'public', table: null, owner: null }
  const rights = { owned: true, mayDrop: true, mayCreate: false }
  const objects = new Map(
    askedObjects(facts).map(asked => [objectKey(asked), { ...found, ...rights }]),
  )
  const also = (more: Partial<Facts>) =>
    privilegeMissing
      .evaluate({ ...facts, objects, ...more })
      ?.details?.filter(line => line.startsWith('Also: '))
  t.same(also({}), [
    'Also: 1.sql creates table public.t_1, and role app lacks CREATE on schema public; run GRANT CREATE ON SCHEMA public TO app',
  ])
  const bound = buildFacts({
    files: files('1', '2'),
    table: { access: access({ right: 'CREATE', on: 'schema' }) },
    target: { boundSchema: 'public', revisionsSchema: 'public' },
  })
  t.same(also({ ...bound, objects }), [], 'nothing that the first way out grants already')
  t.end()
})

void t.test('explain says which right is missing, and that the operator would say it again', t => {
  const facts = buildFacts({ files: first, table: { access: create } })
  const said =
    'Add new schema named "atlas_schema_revisions": pq: permission denied for database app (42501)'
  t.match(buildExplanation({ facts, rules, judged: [], unknown: [], said }), {
    operator: {
      now: {
        ready: false,
        summary: 'stops at "migrate apply": a right is missing',
        says: said.replace(' (42501)', ''),
        files: [],
      },
      next: null,
    },
    said: {
      meaning: /got in, and may not do/,
      again: true,
      causes: [
        { state: 'this', rule: 'privilege-missing', remedy: /^run GRANT CREATE ON DATABASE/ },
      ],
    },
  })
  t.end()
})
