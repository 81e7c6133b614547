import { baselineRequired } from '../../../src/policy/rules/baseline-required.js'
import { baselineUnknown } from '../../../src/policy/rules/baseline-unknown.js'
import { revisionPartial } from '../../../src/policy/rules/revision-partial.js'
import { revisionTableEmpty } from '../../../src/policy/rules/revision-table-empty.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import { scanStatements, statementHashes } from '../../../src/atlas/statement/statement.js'
import { checkpoint, files, rowsOf } from '../facts/facts-builder.js'
import { judge } from './judge.js'
import type { Case } from './judge.js'

const all = files('20250101_a', '20250103_b', '20250105_c')
const rows = rowsOf(all)
const notClean = 'found schema "public"'
const table = '7123/16384/atlas_schema_revisions'

const required: readonly Case[] = [
  ['says nothing when the database is clean', { files: all }, null],
  ['says nothing when there are rows', { files: all, rows, notClean }, null],
  ['says nothing with a baseline', { files: all, notClean, spec: { baseline: '20250101' } }, null],
  ['says nothing while the directory is empty: nothing is applied', { notClean }, null],
  ['leaves the empty table to its own rule', { files: all, rows: [], notClean }, null],
  ['says nothing when the target is not known', { files: all, notClean, unresolved: true }, null],
  [
    'denies the first reconcile on a database that is not clean',
    { files: all, notClean },
    {
      severity: 'deny',
      subjects: [table],
      says: /connected database is not clean: found schema "public". baseline version or allow-dirty/,
    },
  ],
  [
    'tells databases apart by their address when the server hides its identity',
    {
      files: all,
      notClean,
      table: { identity: { system: '', database: '16384', identifier: null } },
    },
    { severity: 'deny', subjects: ['f1/atlas_schema_revisions'] },
  ],
]

const empty: readonly Case[] = [
  ['says nothing when the database is clean', { files: all, rows: [] }, null],
  ['says nothing without a table', { files: all, notClean }, null],
  [
    'says nothing when the target is not known',
    { files: all, rows: [], notClean, unresolved: true },
    null,
  ],
  [
    'denies, with a baseline too',
    { files: all, rows: [], notClean, spec: { baseline: '20250101' } },
    {
      severity: 'deny',
      subjects: [table],
      says: /drop the empty table atlas_schema_revisions\.atlas_schema_revisions/,
    },
  ],
  [
    'names the schema in which the table is',
    { files: all, rows: [], notClean, spec: { revisionsSchema: 'own' } },
    { severity: 'deny', subjects: ['7123/16384/own'], says: /own\.atlas_schema_revisions/ },
  ],
]

const unknown: readonly Case[] = [
  ['says nothing without a baseline', { files: all }, null],
  ['says nothing about a known version', { files: all, spec: { baseline: '20250103' } }, null],
  ['says nothing while the directory is empty', { spec: { baseline: '1' } }, null],
  [
    'says nothing when the table is not known',
    { files: all, spec: { baseline: '1' }, table: { kind: 'unread' } },
    null,
  ],
  [
    'denies on a first run',
    { files: all, spec: { baseline: '20250102' } },
    { severity: 'deny', subjects: ['20250102'], says: /baseline version "20250102" not found/ },
  ],
  [
    'denies a checkpoint, which is no baseline',
    { files: { ...all, ...checkpoint('20250106_x') }, rows: [], spec: { baseline: '20250106' } },
    { severity: 'deny', subjects: ['20250106'] },
  ],
  [
    'warns once there are rows',
    { files: all, rows, spec: { baseline: '20240101' } },
    { severity: 'warn', subjects: ['20240101'], says: /is ignored since there are rows/ },
  ],
]

const noTransaction = '-- atlas:txmode none\n\n'
const three = `${noTransaction}CREATE TABLE x (id int);\nCREATE TABLE y (id int);\nCREATE TABLE z (id int);\n`
const partialFiles = { ...files('20250101_a', '20250103_b'), '20250105_c.sql': three }
const scanned = scanStatements(three, 'postgres')
const hashes = statementHashes('statements' in scanned ? scanned.statements : []).map(
  hash => `h1:${hash}`,
)

/** Two complete rows and one that failed after its first statement, as recorded for txmode none. */
function partialRows(change: Partial<Revision> = {}): readonly Revision[] {
  return rowsOf(partialFiles).map(row =>
    row.version === '20250105'
      ? {
          ...row,
          applied: 1,
          total: 3,
          error: 'relation "y" exists',
          partialHashes: hashes.slice(0, 1),
          ...change,
        }
      : row,
  )
}

const partial: readonly Case[] = [
  ['says nothing when every row is complete', { files: all, rows }, null],
  ['says nothing on a first run', { files: all }, null],
  [
    'warns of a row that is resumed',
    { files: partialFiles, rows: partialRows() },
    {
      severity: 'warn',
      subjects: ['20250105'],
      says: /\(1 of 3 statements\)/,
      neverSays: /by hand/,
    },
  ],
  [
    'warns that a row set by hand is resumed nevertheless',
    { files: partialFiles, rows: partialRows({ type: 6 }) },
    { severity: 'warn', subjects: ['20250105'], says: /set by hand/ },
  ],
  [
    'warns when only the failing statement is repaired',
    {
      files: { ...partialFiles, '20250105_c.sql': three.replace('TABLE y', 'TABLE y2') },
      rows: partialRows(),
    },
    { severity: 'warn', subjects: ['20250105'] },
  ],
  [
    'denies when the file is gone',
    { files: files('20250101_a', '20250103_b'), rows: partialRows() },
    {
      severity: 'deny',
      subjects: ['20250105'],
      says: /its file is gone.*is partially applied but migration file was not found/s,
    },
  ],
  [
    'denies when Atlas does not find the checkpoint that has its version',
    {
      files: { ...files('10_x'), ...checkpoint('1_c') },
      rows: partialRows({ version: '1', description: 'c' }).slice(-1),
    },
    { severity: 'deny', subjects: ['1'], says: /not where Atlas looks/ },
  ],
  [
    'denies when a statement that ran was changed',
    {
      files: { ...partialFiles, '20250105_c.sql': three.replace('TABLE x', 'TABLE x2') },
      rows: partialRows(),
    },
    { severity: 'deny', subjects: ['20250105'], says: /history changed: statement 1 from file/ },
  ],
  [
    'denies when a statement is added',
    { files: { ...partialFiles, '20250105_c.sql': `${three}SELECT 1;\n` }, rows: partialRows() },
    { severity: 'deny', subjects: ['20250105'], says: /another number of statements/ },
  ],
  [
    'denies when there are fewer statements than ran',
    {
      files: { ...partialFiles, '20250105_c.sql': `${noTransaction}CREATE TABLE x (id int);\n` },
      rows: partialRows({ applied: 2, partialHashes: hashes.slice(0, 2) }),
    },
    { severity: 'deny', subjects: ['20250105'], neverSays: /Atlas would say/ },
  ],
  [
    'denies more applied than total',
    { files: partialFiles, rows: partialRows({ applied: 4 }) },
    { severity: 'deny', subjects: ['20250105'], says: /counters contradict/ },
  ],
  [
    'denies more applied than statement hashes',
    { files: partialFiles, rows: partialRows({ applied: 2 }) },
    { severity: 'deny', subjects: ['20250105'], says: /counters contradict/ },
  ],
  [
    'leaves a file that cannot be read to its own rule',
    { files: { ...partialFiles, '20250105_c.sql': `${three}SELECT (1;\n` }, rows: partialRows() },
    null,
  ],
]

judge(baselineRequired, required)
judge(revisionTableEmpty, empty)
judge(baselineUnknown, unknown)
judge(revisionPartial, partial)
