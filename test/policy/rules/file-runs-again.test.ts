import t from 'tap'
import { appliedFileEdited } from '../../../src/policy/rules/applied-file-edited.js'
import { appliedFileMissing } from '../../../src/policy/rules/applied-file-missing.js'
import { fileNeverRuns } from '../../../src/policy/rules/file-never-runs.js'
import { fileOutOfOrder } from '../../../src/policy/rules/file-out-of-order.js'
import { fileRunsAgain } from '../../../src/policy/rules/file-runs-again.js'
import { migrateDownPredicted } from '../../../src/policy/rules/migrate-down-predicted.js'
import type { Rule } from '../../../src/policy/facts/finding.js'
import { buildFacts, checkpoint, files, rowsOf } from '../facts/facts-builder.js'
import type { Files, Situation } from '../facts/facts-builder.js'
import { judge, textOf } from './judge.js'
import type { Case } from './judge.js'

const plans = { '20250101_plans.sql': 'CREATE TABLE plans (name text);\n' }
const insert = "INSERT INTO plans VALUES ('free');\n"
const seed = { '20250103_seed.sql': insert }
const rebased = { '20250105_seed.sql': insert }
const teams = files('20250104_teams')
const ran = { ...plans, ...seed }
const rows = rowsOf(ran)
const moved = { ...plans, ...teams, ...rebased }

/**
 * What the real engine does with `moved` and these rows: it runs 20250104_teams.sql and
 * 20250105_seed.sql, and plans holds `free` twice. With the name of the remedy it runs
 * 20250104_teams.sql alone, and plans holds it once.
 */
const rebase: readonly Case[] = [
  [
    'finds a rebased file by the directory before the write',
    { files: moved, rows, before: { files: ran, rows } },
    {
      severity: 'deny',
      subjects: ['20250105_seed.sql'],
      says: /is what ran as 20250103: it would run again.*its old name back, 20250103_seed.sql/s,
      neverSays: /put .* back/,
    },
  ],
  [
    'finds it by the hash of the row, and says what runs when the advice is followed',
    { files: moved, rows },
    { severity: 'deny', subjects: ['20250105_seed.sql'], says: /20250104_teams.sql did not run/ },
  ],
  [
    'finds it by the dir-state, whatever the row says',
    { files: moved, rows: rows.map(row => ({ ...row, hash: 'manual' })), dirState: ran },
    { severity: 'deny', subjects: ['20250105_seed.sql'] },
  ],
  [
    'finds the statements under another comment',
    {
      files: { ...moved, '20250105_seed.sql': `-- rebased\n${insert}` },
      rows,
      before: { files: ran, rows },
    },
    {
      severity: 'deny',
      subjects: ['20250105_seed.sql'],
      // Under the old name alone it would be an applied file with other bytes.
      says: /put 20250103_seed.sql back as it ran, delete 20250105_seed.sql and rehash/,
      neverSays: /old name/,
    },
  ],
  [
    'finds the statements in another layout and case',
    {
      files: { ...moved, '20250105_seed.sql': "insert into plans\n  VALUES ('free');\n" },
      rows,
      before: { files: ran, rows },
    },
    { severity: 'deny', subjects: ['20250105_seed.sql'] },
  ],
  [
    'takes no blank within a string for layout',
    {
      files: {
        ...moved,
        '20250103_seed.sql': "INSERT INTO plans VALUES ('a b');\n",
        '20250105_seed.sql': "INSERT INTO plans VALUES ('a  b');\n",
      },
      rows: rowsOf({ ...plans, '20250103_seed.sql': "INSERT INTO plans VALUES ('a b');\n" }),
    },
    null,
  ],
  [
    'says nothing where what the text made was dropped since',
    {
      files: {
        ...plans,
        '20250102_tax.sql': 'CREATE TABLE tax (id int);\n',
        '20250103_no_tax.sql': 'DROP TABLE tax;\n',
        '20250104_tax.sql': 'CREATE TABLE tax (id int);\n',
      },
      rows: rowsOf({
        ...plans,
        '20250102_tax.sql': 'CREATE TABLE tax (id int);\n',
        '20250103_no_tax.sql': 'DROP TABLE tax;\n',
      }),
    },
    null,
  ],
  [
    'says of files that swapped versions only what is true: nothing runs',
    {
      files: { ...plans, '20250103_b.sql': 'SELECT 1;\n', '20250104_seed.sql': insert },
      rows: rowsOf({ ...plans, '20250103_seed.sql': insert, '20250104_b.sql': 'SELECT 1;\n' }),
    },
    {
      severity: 'deny',
      subjects: ['20250104_seed.sql', '20250103_b.sql'],
      says: /stands under a version that ran/,
      neverSays: /would run again/,
    },
  ],
  [
    'says which files to number above the old name',
    { files: { ...plans, ...files('20250102_teams'), ...rebased }, rows },
    {
      severity: 'deny',
      subjects: ['20250105_seed.sql'],
      says: /20250103_seed.sql, number 20250102_teams.sql above 20250103/,
    },
  ],
  [
    'finds every one of several, with the old names of all',
    {
      files: { ...plans, ...teams, ...rebased, '20250106_b.sql': 'CREATE TABLE b (id int);\n' },
      rows: rowsOf({ ...ran, '20250103b_b.sql': 'CREATE TABLE b (id int);\n' }),
    },
    {
      severity: 'deny',
      subjects: ['20250105_seed.sql', '20250106_b.sql'],
      says: /Also: 20250106_b.sql is what ran as 20250103b; fix: .*20250103b_b.sql/,
      neverSays: /20250106_b.sql did not run here/,
    },
  ],
  [
    'warns when both are there, as after the advice to put the removed file back',
    { files: { ...moved, ...seed }, rows, before: { files: moved, rows } },
    { severity: 'warn', subjects: ['20250105_seed.sql'], says: /delete 20250105_seed.sql/ },
  ],
  [
    'finds a swap of numbers under versions that have rows',
    {
      files: {
        ...files('20250101_new'),
        '20250103_plans.sql': plans['20250101_plans.sql'],
        ...rebased,
      },
      rows,
      before: { files: ran, rows },
    },
    {
      severity: 'deny',
      subjects: ['20250103_plans.sql', '20250105_seed.sql'],
      says: /20250103_plans.sql is what ran as 20250101/,
    },
  ],
]

const a = files('20250101_a')
const b = files('20250102_b')
const rest = files('20250103_c', '20250104_d')
const old = { ...a, ...b, ...rest }
const joined = textsOf({ ...a, ...b })
const squashed = { '20250102_squashed.sql': joined, ...rest }
const squashedRows = rowsOf(old)

const squash: readonly Case[] = [
  [
    'finds a squash with a version of its own',
    { files: { ...rest, '20250105_all.sql': joined }, rows: squashedRows },
    {
      severity: 'deny',
      subjects: ['20250105_all.sql'],
      says: /is what ran as 20250101 and 20250102.*put 20250101_a.sql and 20250102_b.sql back as they ran, delete 20250105_all.sql/s,
    },
  ],
  [
    'keeps what a squash has of files that did not run',
    {
      files: { ...a, '20250103_all.sql': textsOf({ ...b, ...files('20250103_c') }) },
      rows: rowsOf({ ...a, ...b }),
      before: { files: { ...a, ...b, ...files('20250103_c') }, rows: rowsOf({ ...a, ...b }) },
    },
    {
      severity: 'deny',
      subjects: ['20250103_all.sql'],
      says: /holds what ran as 20250102.*leave in 20250103_all.sql only what has not run/s,
    },
  ],
  [
    'finds the same by the hashes, with a blank line between the parts',
    {
      files: { ...rest, '20250105_all.sql': `${textsOf(a)}\n${textsOf(b)}\nSELECT 1;\n` },
      rows: squashedRows,
    },
    {
      severity: 'deny',
      subjects: ['20250105_all.sql'],
      says: /holds what ran as 20250101 and 20250102/,
    },
  ],
  [
    'warns of a squash beside the old files, as after the advice to put them back',
    { files: { ...old, '20250105_all.sql': joined }, rows: squashedRows },
    { severity: 'warn', subjects: ['20250105_all.sql'], says: /delete 20250105_all.sql/ },
  ],
  ['leaves what is down to its own rule', { files: squashed, rows: squashedRows }, null],
]

const harmless: readonly Case[] = [
  ['says nothing when every row has its file', { files: ran, rows }, null],
  ['says nothing on a first run', { files: moved, rows: null }, null],
  ['says nothing of other texts', { files: { ...plans, ...teams }, rows }, null],
  [
    'says nothing of a table that is made again after it was dropped',
    {
      files: {
        '1_make.sql': 'CREATE TABLE a ();\n',
        '2_drop.sql': 'DROP TABLE a;\n',
        '3_again.sql': 'CREATE TABLE a ();\n',
      },
      rows: rowsOf({ '1_make.sql': 'CREATE TABLE a ();\n', '2_drop.sql': 'DROP TABLE a;\n' }),
    },
    null,
  ],
  [
    'says nothing of a text that ran twice already, because it is meant to',
    {
      files: {
        ...plans,
        '20250103_count.sql': insert,
        '20250104_count.sql': insert,
        '20250105_count.sql': insert,
      },
      rows: rowsOf({ ...plans, '20250103_count.sql': insert, '20250104_count.sql': insert }),
    },
    null,
  ],
  [
    'says nothing of two files without a description, which is no common one',
    {
      files: { ...plans, '20250103.sql': insert, '20250104.sql': insert },
      rows: rowsOf({ ...plans, '20250103.sql': insert }),
    },
    null,
  ],
  [
    'says nothing of a text that may run twice',
    {
      files: { '1_v.sql': 'CREATE OR REPLACE VIEW v AS SELECT 1;\n', '2_v.sql': view() },
      rows: rowsOf({ '1_v.sql': view() }),
    },
    null,
  ],
  [
    'says nothing of texts that leave nothing behind',
    {
      files: { ...plans, '4_x.sql': 'ANALYZE;\n' },
      rows: rowsOf({ ...plans, '3_x.sql': 'ANALYZE;\n' }),
    },
    null,
  ],
  [
    'says nothing of a file with another description',
    { files: { ...plans, '20250103_seeds.sql': insert }, rows, before: { files: ran, rows } },
    null,
  ],
  [
    'says nothing of a checkpoint with the same statements',
    {
      files: { ...old, '20250105_x.sql': `-- atlas:checkpoint\n\n${joined}` },
      rows: squashedRows,
    },
    null,
  ],
  [
    'says nothing of rows that stand for what was there before',
    {
      files: { ...plans, ...rebased },
      rows: rows.map((row, i) => (i === 1 ? { ...row, type: 1, applied: 0, total: 0 } : row)),
      before: { files: ran, rows },
    },
    null,
  ],
]

const make = 'CREATE TABLE x (name text);\n'
const fill = "INSERT INTO x VALUES ('free');\n"
const whole = { ...plans, '20250103_x.sql': make + fill }
const wholeRows = rowsOf(whole)
const half = { ...plans, '20250103_x.sql': make, '20250104_y.sql': fill }
const beforeSplit = { files: whole, rows: wholeRows }

/**
 * The real engine takes `half` after `whole`: it runs 20250104_y.sql, and x holds `free` twice; the
 * same with 20250103_x.sql as it ran beside 20250104_y.sql. As the remedy says, nothing is pending.
 */
const split: readonly Case[] = [
  [
    'finds the half of a split file that would run',
    { files: half, rows: wholeRows, before: beforeSplit },
    {
      severity: 'deny',
      subjects: ['20250104_y.sql'],
      says: /holds a part of what ran as 20250103: it would run again.*put 20250103_x.sql back as it ran, delete 20250104_y.sql and rehash/s,
    },
  ],
  [
    'finds it by the dir-state',
    { files: half, rows: wholeRows, dirState: whole },
    { severity: 'deny', subjects: ['20250104_y.sql'] },
  ],
  [
    'finds it by the hash of the row where no old directory is known',
    { files: half, rows: wholeRows },
    { severity: 'deny', subjects: ['20250104_y.sql'], says: /delete 20250104_y.sql/ },
  ],
  [
    'finds three parts by the hash, of which one line break was left out',
    {
      files: {
        ...plans,
        '20250103_x.sql': make,
        '20250104_y.sql': fill,
        '20250105_z.sql': 'CREATE TABLE z ();\n',
        ...files('20250106_new'),
      },
      rows: rowsOf({ ...plans, '20250103_x.sql': `${make}\n${fill}\nCREATE TABLE z ();\n` }),
    },
    { severity: 'deny', subjects: ['20250104_y.sql', '20250105_z.sql'] },
  ],
  [
    'says nothing of a file that was edited otherwise',
    { files: { ...half, '20250103_x.sql': `-- x\n${make}` }, rows: wholeRows },
    null,
  ],
  [
    'finds both halves where the old file is gone',
    {
      files: { ...plans, '20250104_x.sql': make, '20250105_y.sql': fill },
      rows: wholeRows,
      before: beforeSplit,
    },
    { severity: 'deny', subjects: ['20250104_x.sql', '20250105_y.sql'] },
  ],
  [
    'keeps what the half has that did not run',
    {
      files: { ...half, '20250104_y.sql': `${fill}ALTER TABLE x ADD b int;\n` },
      rows: wholeRows,
      before: beforeSplit,
    },
    {
      severity: 'deny',
      subjects: ['20250104_y.sql'],
      says: /put 20250103_x.sql back as it ran, and leave in 20250104_y.sql only what has not run/,
    },
  ],
  [
    'warns where only one half of the advice was followed',
    { files: { ...whole, '20250104_y.sql': fill }, rows: wholeRows, before: beforeSplit },
    { severity: 'warn', subjects: ['20250104_y.sql'], says: /\ndelete 20250104_y.sql and rehash/ },
  ],
  [
    'warns where the hash of the row does not prove what ran',
    {
      files: half,
      rows: wholeRows.map(row => ({ ...row, hash: 'manual' })),
      before: beforeSplit,
    },
    { severity: 'warn', subjects: ['20250104_y.sql'] },
  ],
  ['says nothing when the advice was followed', { ...beforeSplit, before: beforeSplit }, null],
  [
    'says nothing of a change that moves out of an applied file, as its own advice is',
    {
      files: { ...whole, '20250104_y.sql': 'ALTER TABLE x ADD b int;\n' },
      rows: wholeRows,
      before: {
        files: { ...whole, '20250103_x.sql': `${make + fill}ALTER TABLE x ADD b int;\n` },
        rows: wholeRows,
      },
      dirState: { ...whole, '20250103_x.sql': `${make + fill}ALTER TABLE x ADD b int;\n` },
    },
    null,
  ],
  [
    'says nothing of a statement that never ran, of a file that failed half-way',
    {
      files: half,
      rows: wholeRows.map((row, i) => (i === 1 ? { ...row, total: 2 } : row)),
      before: beforeSplit,
    },
    null,
  ],
  ...[
    'SELECT 1;\n',
    'CREATE TABLE IF NOT EXISTS b (id int);\n',
    "INSERT INTO x VALUES ('a') ON CONFLICT DO NOTHING;\n",
    "INSERT INTO x SELECT 'a' WHERE NOT EXISTS (SELECT 1 FROM x);\n",
    'SET search_path = public;\n',
    "UPDATE x SET name = 'a';\n",
  ].map((statement): Case => {
    const withIt = { ...plans, '20250103_x.sql': make + statement }
    return [
      `says nothing of what may run twice: ${statement}`,
      {
        files: { ...half, '20250104_y.sql': statement },
        rows: rowsOf(withIt),
        before: { files: withIt, rows: rowsOf(withIt) },
      },
      null,
    ]
  }),
  [
    'says nothing of a statement that several files have, since it is meant to run again',
    {
      files: { ...whole, '20250104_more.sql': `${fill}ANALYZE;\n`, '20250105_y.sql': fill },
      rows: rowsOf({ ...whole, '20250104_more.sql': `${fill}ANALYZE;\n` }),
    },
    null,
  ],
  [
    'says nothing of what is made again after another file dropped it',
    {
      files: { ...whole, '20250104_drop.sql': 'DROP TABLE x;\n', '20250105_y.sql': make },
      rows: rowsOf({ ...whole, '20250104_drop.sql': 'DROP TABLE x;\n' }),
    },
    null,
  ],
  [
    'says nothing of a part of a file that removes things itself, or of one that removes it first',
    {
      files: {
        ...plans,
        '20250103_x.sql': `${make + fill}DROP TABLE x;\n`,
        '20250104_y.sql': make + fill,
      },
      rows: rowsOf({ ...plans, '20250103_x.sql': `${make + fill}DROP TABLE x;\n` }),
    },
    null,
  ],
  [
    'says nothing of a file that empties the table before',
    { files: { ...whole, '20250104_y.sql': `DELETE FROM x;\n${fill}` }, rows: wholeRows },
    null,
  ],
]

judge(fileRunsAgain, [...rebase, ...squash, ...split, ...harmless])

function textsOf(data: Files): string {
  return Object.values(data).join('')
}

function view(): string {
  return 'CREATE OR REPLACE VIEW v AS SELECT 1;\n'
}

const others: readonly Rule[] = [
  appliedFileEdited,
  appliedFileMissing,
  fileNeverRuns,
  fileOutOfOrder,
  migrateDownPredicted,
]

function saysOf(situation: Situation): string {
  const facts = buildFacts(situation)
  return others.flatMap(rule => [rule.evaluate(facts) ?? []].flat().map(textOf)).join('\n')
}

void t.test('no other rule gives advice that would run the text twice', async t => {
  t.equal(saysOf({ files: moved, rows, before: { files: ran, rows } }), '', 'a rebase')
  t.equal(saysOf({ files: { ...rest, '20250105_all.sql': joined }, rows: squashedRows }), '')
  t.equal(
    saysOf({ files: { ...old, '20250102x_all.sql': joined, ...files('9_z') }, rows: squashedRows }),
    '',
  )
})

void t.test('a squash into the version of its last file is the cause of the downgrade', async t => {
  for (const before of [{}, { before: { files: old, rows: squashedRows } }]) {
    const text = saysOf({ files: squashed, rows: squashedRows, ...before })
    t.match(text, /20250102_squashed.sql is what ran as 20250101 and 20250102, so the operator/)
    t.match(text, /put 20250101_a.sql and 20250102_b.sql back as they ran/)
    t.notMatch(text, /newer version|put the removed files back|put their files/)
  }
})

void t.test('a squash may have the very name of its last file', async t => {
  const same = { '20250102_b.sql': joined, ...rest }
  for (const before of [{}, { before: { files: old, rows: squashedRows } }]) {
    const text = saysOf({ files: same, rows: squashedRows, ...before })
    t.match(text, /20250102_b.sql is what ran as 20250101 and 20250102, so the operator/)
    t.match(text, /put 20250101_a.sql and 20250102_b.sql back as they ran, each for itself/)
    t.notMatch(text, /newer version|new file/)
  }
})

void t.test('a file of the same description may be the missing one, edited since', async t => {
  const edited = { ...plans, '20250105_seed.sql': "INSERT INTO plans VALUES ('paid');\n" }
  const text = saysOf({ files: edited, rows })
  t.match(text, /20250105_seed.sql may be 20250103_seed.sql with a new version/)
  t.match(text, /if it is, give it the name 20250103_seed.sql back; if not, put the missing/)
})

void t.test('a late squash beside its files is to be deleted, not to be renamed', async t => {
  const text = saysOf({ files: { ...old, '20250102x_all.sql': joined }, rows: squashedRows })
  t.match(text, /20250102x_all.sql is what ran as 20250101 and 20250102.*\n.*\ndelete/)
  t.notMatch(text, /newer version/)
})

void t.test('a checkpoint is no squash', async t => {
  const text = saysOf({
    files: { ...checkpoint('20250102_x'), ...rest },
    rows: squashedRows,
    before: { files: old, rows: squashedRows },
  })
  t.match(text, /keep the old files beside the checkpoint/)
})

void t.test('the half of a split file is not to go into another file', async t => {
  const facts = buildFacts({ files: half, rows: wholeRows, before: beforeSplit })
  const finding = appliedFileEdited.evaluate(facts)
  t.equal(finding?.partOf, 'file-runs-again')
  t.match(finding?.remedy, 'restore it, and take out of 20250104_y.sql what it had when it ran')
  t.notMatch(textOf(finding!), /new file/)
})

void t.test('a dump in place of the files that ran is not to be renamed', async t => {
  const dump =
    'CREATE TABLE public.t_a (\n    id integer\n);\nCREATE TABLE public.t_b (id integer);\n'
  for (const name of ['20250104_schema', '20250104_d'])
    for (const before of [{}, { before: { files: old, rows: squashedRows } }]) {
      const text = saysOf({ files: { [`${name}.sql`]: dump }, rows: squashedRows, ...before })
      t.notMatch(text, /newer version|new file/, name)
    }
  const text = saysOf({
    files: { ...a, ...files('20250105_new'), '20250104_schema.sql': dump },
    rows: squashedRows,
    before: { files: old, rows: squashedRows },
  })
  t.match(
    text,
    /delete 20250104_schema.sql, put 20250102_b.sql, 20250103_c.sql and 20250104_d.sql back as they ran, and rehash/,
  )
  t.notMatch(text, /nothing of it ran/)
})
