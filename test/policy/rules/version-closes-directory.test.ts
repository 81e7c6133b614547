import t from 'tap'
import { fileNeverRuns } from '../../../src/policy/rules/file-never-runs.js'
import { fileOutOfOrder } from '../../../src/policy/rules/file-out-of-order.js'
import { migrateDownPredicted } from '../../../src/policy/rules/migrate-down-predicted.js'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { versionClosesDirectory } from '../../../src/policy/rules/version-closes-directory.js'
import { evaluateRules, severityOf } from '../../../src/policy/enforcement/verdict.js'
import { RevisionType } from '../../../src/atlas/engine/revision.js'
import { buildFacts, files, inVersionOrder, rowsOf } from '../facts/facts-builder.js'
import { judge } from './judge.js'

const seeded = files('20250101000000_a', '99999999999999_seed')
const ran = rowsOf(seeded)

judge(versionClosesDirectory, [
  [
    'while it is pending',
    { files: seeded, rows: null },
    {
      severity: 'warn',
      subjects: ['99999999999999_seed.sql'],
      says: /no later file like 20250101000000 can follow\n[^]*the version after 20250101000000/,
    },
  ],
  [
    'also where the rest ran',
    { files: seeded, rows: rowsOf(seeded, ['20250101000000']) },
    { severity: 'warn', subjects: ['99999999999999_seed.sql'] },
  ],
  [
    'and where no database was asked',
    { files: seeded, unresolved: true, table: { kind: 'unread' } },
    { severity: 'warn', subjects: ['99999999999999_seed.sql'] },
  ],
  [
    'alone',
    { files: files('9999_seed'), rows: null },
    { severity: 'warn', subjects: ['9999_seed.sql'], says: /a version like 001/ },
  ],
  ['once it ran, others speak', { files: seeded, rows: ran }, null],
  [
    'another one behind it changes nothing',
    { files: { ...seeded, ...files('99999999999999z_b') }, rows: ran },
    null,
  ],
  [
    'a baseline stands for it',
    { files: seeded, rows: null, notClean: 'x', spec: { baseline: '99999999999999' } },
    null,
  ],
  ['usual versions', { files: files('20250101000000_a', '20260101000000_b'), rows: null }, null],
])

/*
 * The real engine (Atlas v1.2.3) on the files 20250101000000_a, 20260101000000_b and 99999999999999_seed, of which the
 * first and the last ran: it decides down. With 99999999999999z1_c as well: HistoryNonLinearError. With the seed's file and
 * row at 20250101000001: it applies 20260101000000_b.
 */
const late = { ...seeded, ...files('20260101000000_b') }
const way =
  /rename 99999999999999_seed\.sql to 20250101000001_seed\.sql, and `atlas migrate set 20250101000001`/

void t.test('the advice for a file behind a closed directory can be followed', async t => {
  const down = migrateDownPredicted.evaluate(buildFacts({ files: late, rows: ran }))
  t.match(down?.remedy, way)
  const more = { ...late, ...files('99999999999999z1_c') }
  t.match(fileOutOfOrder.evaluate(buildFacts({ files: more, rows: ran }))?.remedy, way)
  const skipping = buildFacts({ files: more, rows: ran, spec: { execOrder: 'linear-skip' } })
  t.match(fileNeverRuns.evaluate(skipping)?.remedy, way)
  for (const finding of [down, fileNeverRuns.evaluate(skipping)])
    t.notMatch([finding?.remedy, ...(finding?.details ?? [])].join(), /newer version and/)
})

void t.test('who follows it is left alone, and only the new file is pending', async t => {
  const { '99999999999999_seed.sql': seed, ...rest } = late
  const moved = { ...rest, '20250101000001_seed.sql': seed! }
  // The rows that `atlas migrate set 20250101000001` leaves.
  const set = rowsOf(moved, ['20250101000001']).map(row => ({
    ...row,
    type: RevisionType.resolved,
    applied: 0,
    total: 0,
  }))
  const rows = inVersionOrder(rowsOf(seeded, ['20250101000000']), set)
  const facts = buildFacts({ files: moved, rows, spec: { url: 'postgres://db/app' } })
  t.strictSame(facts.prediction?.first.pending, ['20260101000000_b.sql'])
  t.strictSame(
    evaluateRules(facts, rules).filter(found => severityOf(found) === 'deny'),
    [],
  )
})

void t.test('who has renamed the file only is told to move its row', async t => {
  const { '99999999999999_seed.sql': seed, ...rest } = late
  const moved = { ...rest, '20250101000001_seed.sql': seed! }
  t.match(migrateDownPredicted.evaluate(buildFacts({ files: moved, rows: ran })), {
    remedy: /^move the row to 20250101000001_seed\.sql: `atlas migrate set 20250101000001`$/,
  })
})

void t.test('the new version lies between', async t => {
  type Case = readonly [late: string, seeds: readonly string[], advice: RegExp]
  const cases: readonly Case[] = [
    [
      '20250101000001',
      ['99999999999999_seed'],
      /to 20250101000000z1_seed\.sql, and .*set 20250101000000z1`/,
    ],
    ['20260101000000', ['99999999999998_x', '99999999999999_seed'], /set 20250101000002`/],
    ['20260101000000', ['zz_seed'], /rename zz_seed\.sql to 20250101000001_seed\.sql/],
  ]
  for (const [version, seeds, advice] of cases) {
    const before = files('20250101000000_a', ...seeds)
    const facts = buildFacts({
      files: { ...before, ...files(`${version}_b`) },
      rows: rowsOf(before),
    })
    t.match(migrateDownPredicted.evaluate(facts)?.remedy, advice)
  }
})

void t.test('a file that is older than the others that ran gets a newer version, too', async t => {
  const before = files('20240101000000_a', '20250101000000_b', '99999999999999_seed')
  const facts = buildFacts({
    files: { ...before, ...files('20240601000000_c') },
    rows: rowsOf(before),
  })
  t.match(migrateDownPredicted.evaluate(facts), {
    remedy: /to 20250101000001_seed\.sql, and `atlas migrate set 20250101000001`/,
    details: [/./, /./, /./, /./, /Give 20240601000000_c\.sql a version above 20250101000001/, /./],
  })
})

void t.test('without such a row the advice is the usual one', async t => {
  const before = files('20240101000000_a', '20250101000000_b')
  const facts = buildFacts({
    files: { ...before, ...files('20240601000000_c') },
    rows: rowsOf(before),
  })
  t.match(migrateDownPredicted.evaluate(facts)?.remedy, /rename it to a newer version/)
  const { '99999999999999_seed.sql': _gone, ...rest } = late
  t.notMatch(migrateDownPredicted.evaluate(buildFacts({ files: rest, rows: ran }))?.remedy, /set/)
})
