import * as fc from 'fast-check'
import t from 'tap'
import { applyPending, orderRevisions } from '../../../src/atlas/engine/apply.js'
import { checkClean, type CleanCheckInput } from '../../../src/atlas/engine/clean-check.js'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { compareBytewise } from '../../../src/atlas/text/go-string.js'
import { predict, type Prediction } from '../../../src/atlas/engine/operator.js'
import { defaultOptions, planPending, type PlanOptions } from '../../../src/atlas/engine/plan.js'
import { isPartial, type Revision } from '../../../src/atlas/engine/revision.js'
import { computeSum, printSum } from '../../../src/atlas/directory/sum.js'

type Data = Readonly<Record<string, string>>

/** With the atlas.sum that fits. */
function hashed(data: Data): Data {
  return { ...data, 'atlas.sum': printSum(computeSum(buildDirectory(data).files)) }
}

interface Situation {
  readonly revisions?: readonly Revision[] | null
  readonly notClean?: string
  readonly options?: Partial<PlanOptions>
}

function predictFor(
  data: Data,
  { revisions = null, notClean, options }: Situation = {},
): Prediction {
  return predict({
    data,
    directory: buildDirectory(data),
    state: { revisions, notClean: notClean ?? null },
    options: { ...defaultOptions, ...options },
    dialect: 'postgres',
  })
}

const three = hashed({ '1_a.sql': 'SELECT 1;', '2_b.sql': 'SELECT 2;', '3_c.sql': 'SELECT 3;' })

/** Rows after the directory ran. */
function rowsOf(data: Data): readonly Revision[] {
  return predictFor(data).first.after.revisions!
}

void t.test('a fresh database runs everything once', async t => {
  const { first, next } = predictFor(three)
  t.match(first, { action: 'apply', error: null, apply: { result: 'ok' } })
  t.strictSame(first.pending, ['1_a.sql', '2_b.sql', '3_c.sql'])
  t.match(next, { action: 'ready', pending: [], status: { current: '3' } })
  t.equal(next!.after.revisions, first.after.revisions)
})

void t.test(
  'a dirty database without baseline leaves an empty table, which baseline cannot repair',
  async t => {
    const situation = { notClean: 'found schema "public"' }
    const { first, next } = predictFor(three, situation)
    t.match(first, { action: 'apply', error: { type: 'NotCleanError' }, apply: null })
    t.strictSame(first.after.revisions, [])
    t.equal(next, null)
    const later = predictFor(three, {
      ...situation,
      revisions: first.after.revisions,
      options: { baseline: '1' },
    })
    t.match(later.first, { action: 'error-status', error: { type: 'NotCleanError' } })
  },
)

void t.test('a baseline from the first reconcile on works on a dirty database', async t => {
  const { first, next } = predictFor(three, { notClean: 'x', options: { baseline: '2' } })
  t.strictSame(first.pending, ['3_c.sql'])
  t.match(first.after.revisions, [
    { version: '2', type: 1 },
    { version: '3', type: 2 },
  ])
  t.match(next, { action: 'ready' })
})

void t.test('a baseline at the last version leaves nothing to do', async t => {
  const { first, next } = predictFor(three, { options: { baseline: '3' } })
  t.match(first, { action: 'apply', error: null, apply: { result: 'noop', done: [] } })
  t.equal(next!.action, 'ready')
})

void t.test('an unknown baseline fails and leaves an empty table', async t => {
  const { first } = predictFor(three, { options: { baseline: '9' } })
  t.match(first, { error: { message: 'baseline version "9" not found' }, after: { revisions: [] } })
})

void t.test('files that are gone show at the reconcile after the next', async t => {
  const data = hashed({ '3_c.sql': 'SELECT 3;', '4_d.sql': 'SELECT 4;' })
  const { first, next } = predictFor(data, { revisions: rowsOf(three) })
  t.match(first, { action: 'apply', apply: { result: 'ok', done: ['4_d.sql'] } })
  t.match(next, { action: 'down', downTarget: '4' })
})

void t.test('going down is final, and crashes when no file is available', async t => {
  const { first, next } = predictFor(hashed({}), { revisions: rowsOf(three) })
  t.match(first, { action: 'down', downTarget: null, error: null })
  t.equal(next, null)
})

void t.test('a late file with nothing newer goes down, even in non-linear order', async t => {
  const late = hashed({ ...three, '2_a.sql': 'SELECT 2;' })
  const lateOnly = hashed({ ...three, '15_x.sql': 'SELECT 1;' })
  t.match(
    predictFor(lateOnly, { revisions: rowsOf(three), options: { execOrder: 'non-linear' } }),
    {
      first: { action: 'down', downTarget: null },
      next: null,
    },
  )
  t.equal(predictFor(late, { revisions: rowsOf(three) }).first.action, 'ready')
})

void t.test('what stops the operator before any plan is final', async t => {
  t.match(predictFor({ 'sub/1.sql': '' }), {
    first: { action: 'error-dir', error: { message: /^open \$WD/ }, after: { revisions: null } },
    next: null,
  })
  t.match(predictFor({ '1.sql': '' }), {
    first: { action: 'error-status', error: { type: 'ErrChecksumNotFound' } },
    next: null,
  })
})

void t.test('a file that fails ends the run, with the files before it done', async t => {
  const { first, next } = predictFor(hashed({ '1.sql': 'a;', '2.sql': 'SELECT (' }))
  t.match(first.error, { type: 'ScanError', message: /from "2.sql": 1:8: unclosed '\('$/ })
  t.match(first.apply, { result: 'error', file: '2.sql', done: ['1.sql'] })
  t.equal(first.after.revisions!.length, 1)
  t.equal(next, null)
})

void t.test('a file that makes Atlas crash is a crash', async t => {
  const data = hashed({ '1.sql': "DELIMITER '\na" })
  t.match(predictFor(data).first, { error: { type: 'panic' }, apply: { result: 'panic' } })
  const partial = { ...rowsOf(three)[0]!, applied: 0 }
  t.match(predictFor(data, { revisions: [partial] }).first, {
    action: 'error-status',
    error: { type: 'panic' },
  })
  const negative = { ...partial, applied: -1 }
  t.match(predictFor(three, { revisions: [negative] }).first.apply, { result: 'panic' })
})

void t.test('a file whose blocks are too deep to follow is taken to run', async t => {
  const data = hashed({ '1.sql': `${'BEGIN '.repeat(250)}x; ${'END; '.repeat(250)}` })
  const { first, next } = predictFor(data)
  t.match(first, { error: null, apply: { result: 'ok', done: ['1.sql'] } })
  t.match(next, { action: 'ready' })
  const begun = { ...rowsOf(hashed({ '1.sql': 'a;' }))[0]!, applied: 2, total: 5, error: 'e' }
  const resumed = predictFor(data, { revisions: [begun] }).first
  t.match(resumed, { status: { count: 2, total: 5 }, apply: { result: 'ok' } })
  t.match(resumed.after.revisions, [{ applied: 5, total: 5, error: '' }])
})

void t.test('options that exclude each other are refused', async t => {
  const directory = buildDirectory(three)
  const state = { revisions: null, notClean: null }
  for (const options of [{ execOrder: 'x' }, { baseline: '1', allowDirty: true }]) {
    const plan = planPending(directory, state, { ...defaultOptions, ...options })
    t.match(plan, { pending: [], error: { type: 'ConfigError' } })
  }
})

void t.test('new rows keep the order of the database where it is known', async t => {
  const [a, b, c] = rowsOf(three) as [Revision, Revision, Revision]
  t.strictSame(orderRevisions([a, c], [a, c, b]), [a, b, c])
  t.strictSame(orderRevisions([c, a], [c, a, b]), [c, a, b])
})

const versions = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 8 })
const order = fc.constantFrom('linear', 'linear-skip', 'non-linear')

function directoryOf(numbers: readonly number[]): Data {
  const name = (n: number) => `${String(n).padStart(3, '0')}.sql`
  return hashed(Object.fromEntries(numbers.map(n => [name(n), `SELECT ${n};`])))
}

void t.test(
  'pending files are files of the directory, each once; a second plan has none',
  async () => {
    fc.assert(
      fc.property(versions, versions, order, (old, all, execOrder) => {
        const revisions = old.length === 0 ? [] : rowsOf(directoryOf(old))
        const directory = buildDirectory(directoryOf(all))
        const state = { revisions, notClean: null }
        const options = { ...defaultOptions, execOrder }
        const { pending, error } = planPending(directory, state, options)
        const names = directory.files.map(file => file.name)
        const positions = pending.map(file => names.indexOf(file.name))
        if (positions.some((p, i) => p < 0 || (i > 0 && p <= positions[i - 1]!))) return false
        if (error !== null) return pending.length === 0
        const sum = computeSum(directory.files)
        const effect = applyPending({ pending, revisions, sum, dialect: 'postgres' })
        const after = effect.revisions.toSorted((a, b) => compareBytewise(a.version, b.version))
        const again = planPending(directory, { ...state, revisions: after }, options)
        return !after.some(isPartial) && again.error?.type === 'ErrNoPendingFiles'
      }),
    )
  },
)

type Clean = [what: string, input: Partial<CleanCheckInput>, reason: string | null]
const own = { name: 'atlas_schema_revisions', tables: ['atlas_schema_revisions'] }
const empty = { name: 'public', tables: [] }
const cleans: readonly Clean[] = [
  ['an empty database', { schemas: [empty] }, null],
  ['one with a revisions table', { schemas: [empty, own] }, null],
  ['one with a table', { schemas: [{ name: 'public', tables: ['t'] }] }, 'found schema "public"'],
  ['one with an empty schema', { schemas: [own, { name: 'b', tables: [] }] }, 'found schema "b"'],
  [
    'one with a table beside the revisions table',
    { schemas: [{ ...own, tables: ['a', ...own.tables] }] },
    'found 2 tables in schema "atlas_schema_revisions"',
  ],
  [
    'another revisions table',
    { schemas: [own], revisionsSchema: 'seed' },
    'found schema "atlas_schema_revisions"',
  ],
  ['an empty bound schema', { schemas: [empty], boundSchema: 'public' }, null],
  [
    'a bound schema with only its revisions table',
    { schemas: [empty], boundSchema: 'public', revisionsSchema: 'public' },
    null,
  ],
  [
    'a bound schema with a table',
    {
      schemas: [{ name: 'public', tables: ['t', 'b'] }],
      boundSchema: 'public',
      revisionsSchema: 'public',
    },
    'found table "atlas_schema_revisions" in schema "public"',
  ],
  ['a bound schema that does not exist', { schemas: [], boundSchema: 'x' }, null],
  ['a server without databases', { dialect: 'mysql', schemas: [] }, null],
  [
    'a server with a database',
    { dialect: 'mysql', schemas: [{ name: 'app', tables: [] }] },
    'found multiple schemas: 2',
  ],
  [
    'a SQLite file with a table',
    { dialect: 'sqlite', schemas: [{ name: 'main', tables: ['t'] }] },
    'found multiple tables: 2',
  ],
]

for (const [what, input, reason] of cleans) {
  void t.test(`calls ${what} ${reason === null ? 'clean' : 'not clean'}`, async t => {
    const base = { dialect: 'postgres', schemas: [], boundSchema: null } as const
    t.equal(checkClean({ ...base, revisionsSchema: own.name, ...input }), reason)
  })
}
