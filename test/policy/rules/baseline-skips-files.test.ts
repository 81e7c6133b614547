import t from 'tap'
import { baselineRequired } from '../../../src/policy/rules/baseline-required.js'
import { baselineSkipsFiles } from '../../../src/policy/rules/baseline-skips-files.js'
import { fileNeverRuns } from '../../../src/policy/rules/file-never-runs.js'
import { revisionTableEmpty } from '../../../src/policy/rules/revision-table-empty.js'
import { buildFacts, files, rowsOf } from '../facts/facts-builder.js'
import { judge } from './judge.js'
import type { Case } from './judge.js'

const all = files('20250101_a', '20250102_b', '20250103_c')
const [a, b, c] = ['t_20250101_a', 't_20250102_b', 't_20250103_c'] as const
const notClean = 'found schema "google_vacuum_mgmt"'
const platform = { google_vacuum_mgmt: [], public: [] }

/** What a database holds, as its reader tells it. */
function holding(tables: Readonly<Record<string, readonly string[]>>, isWhole = true) {
  const schemas = Object.entries(tables).map(([name, of]) => ({ name, tables: of }))
  return { content: { schemas, isWhole } }
}

/**
 * The real engine with baseline 20250101 on a database with nothing but an empty schema: it runs
 * 20250102 and 20250103, and the table of 20250101 never exists. With an empty 00000000_baseline.sql
 * as the baseline it runs all three, and with search_path=public it needs no baseline.
 */
const skipping: readonly Case[] = [
  ['says nothing without a baseline', { files: all, notClean, table: holding(platform) }, null],
  [
    'warns of a baseline that skips what is not there',
    { files: all, notClean, spec: { baseline: '20250101' }, table: holding(platform) },
    {
      severity: 'warn',
      subjects: ['20250101_a.sql'],
      says: /empty file 00000000_baseline.sql .* spec.baseline to "00000000"/,
    },
  ],
  [
    'has no baseline set where the database is empty',
    { files: all, spec: { baseline: '20250102' }, table: holding({ public: [] }) },
    {
      severity: 'warn',
      subjects: ['20250101_a.sql', '20250102_b.sql'],
      says: /remove spec.baseline/,
    },
  ],
  [
    'warns of a baseline that goes too far',
    {
      files: all,
      notClean,
      spec: { baseline: '20250102' },
      table: holding({ public: [a, 'other'] }),
    },
    {
      severity: 'warn',
      subjects: ['20250102_b.sql'],
      says: /spec.baseline to the last version that really ran/,
    },
  ],
  [
    'warns when only tables of others are there',
    { files: all, notClean, spec: { baseline: '20250101' }, table: holding({ public: ['other'] }) },
    { severity: 'warn', subjects: ['20250101_a.sql'] },
  ],
  [
    'warns when the files make no table and the database has none',
    {
      files: { '1_x.sql': 'CREATE VIEW v AS SELECT 1;\n' },
      notClean,
      spec: { baseline: '1' },
      table: holding(platform),
    },
    { severity: 'warn', subjects: ['1_x.sql'] },
  ],
  [
    'says nothing of a baseline that fits',
    { files: all, notClean, spec: { baseline: '20250102' }, table: holding({ app: [a, b] }) },
    null,
  ],
  [
    'says nothing of an empty file as the baseline',
    {
      files: { '00000000_baseline.sql': '', ...all },
      notClean,
      spec: { baseline: '00000000' },
      table: holding(platform),
    },
    null,
  ],
  [
    'follows tables that were renamed or dropped',
    {
      files: {
        '1_a.sql': 'CREATE TABLE IF NOT EXISTS "app"."Orders" (id int);\nCREATE TABLE x ();\n',
        '2_b.sql': 'ALTER TABLE app."Orders" RENAME TO orders;\nDROP TABLE x;\n',
      },
      notClean,
      spec: { baseline: '2' },
      table: holding({ app: ['orders'] }),
    },
    null,
  ],
  [
    'says nothing of some tables that a statement may have dropped',
    {
      files: { ...all, '20250104_d.sql': 'DO $$ BEGIN DROP TABLE t_20250102_b; END $$;\n' },
      notClean,
      spec: { baseline: '20250104' },
      table: holding({ public: [a, c] }),
    },
    null,
  ],
  [
    'says nothing when not all is known',
    {
      files: all,
      notClean,
      spec: { baseline: '20250101' },
      table: holding({ public: ['other'] }, false),
    },
    null,
  ],
  [
    'says nothing when nothing is known',
    { files: all, notClean, spec: { baseline: '20250101' } },
    null,
  ],
  [
    'says nothing once there are rows',
    { files: all, rows: rowsOf(all), spec: { baseline: '20250101' }, table: holding(platform) },
    null,
  ],
  [
    'leaves an unknown baseline to its own rule',
    { files: all, notClean, spec: { baseline: '7' }, table: holding(platform) },
    null,
  ],
]

judge(baselineSkipsFiles, skipping)

const subjects = ['7123/16384/atlas_schema_revisions']
const noVersion = /version that it is at/

judge(baselineRequired, [
  [
    'sends a database with only platform schemas to a schema, never to a version',
    { files: all, notClean, table: holding(platform) },
    {
      severity: 'deny',
      subjects,
      says: /schema google_vacuum_mgmt is: .*search_path=public.*Or put an empty file 00000000_baseline/s,
      neverSays: noVersion,
    },
  ],
  [
    'the same for an empty schema of any name',
    { files: all, notClean, table: holding({ app: [], public: [] }) },
    { severity: 'deny', subjects, says: /schema app is: /, neverSays: noVersion },
  ],
  [
    'names a schema of its own where public has tables of others',
    {
      files: all,
      notClean,
      table: holding({ public: ['other'], rev_a: ['atlas_schema_revisions'] }),
    },
    {
      severity: 'deny',
      subjects,
      says: /schemas public and rev_a are: .*empty file.*Or make a schema for it \(CREATE SCHEMA schema\)/s,
      neverSays: noVersion,
    },
  ],
  [
    'does so for a schema-bound URL',
    {
      files: all,
      notClean: 'found table "other" in schema "app"',
      target: { boundSchema: 'app', revisionsSchema: 'app' },
      table: holding({ app: ['other'], public: [] }),
    },
    {
      severity: 'deny',
      subjects: ['7123/16384/app'],
      says: /schema app is: /,
      neverSays: noVersion,
    },
  ],
  [
    'leaves the version where tables of the files are there',
    { files: all, notClean, table: holding({ public: [a] }) },
    { severity: 'deny', subjects, says: noVersion, neverSays: /search_path/ },
  ],
  [
    'says both where that is not known',
    { files: all, notClean, table: holding({ public: ['other'] }, false) },
    { severity: 'deny', subjects, says: /version that it is at.*If nothing .* empty file/s },
  ],
  [
    'finds words for a file before others where versions are no numbers',
    { files: files('v1_a'), notClean, table: holding({ public: ['other'] }) },
    { severity: 'deny', subjects, says: /put an empty file before all others/ },
  ],
])

judge(revisionTableEmpty, [
  [
    'starts without a baseline of files that never ran',
    { files: all, rows: [], notClean, table: holding(platform) },
    {
      severity: 'deny',
      subjects,
      says: /drop the empty table .*To start: add search_path=public/s,
      neverSays: /apply --baseline/,
    },
  ],
])

void t.test('an empty file before the first row is no file that never runs', async t => {
  const facts = buildFacts({ files: { '00000000_baseline.sql': '', ...all }, rows: rowsOf(all) })
  t.equal(fileNeverRuns.evaluate(facts), null)
})
