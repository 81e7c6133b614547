import t from 'tap'
import type { DatabaseFailure } from '../../../src/policy/facts/facts.js'
import { databaseError } from '../../../src/policy/rules/database-error.js'
import { migrationInProgress } from '../../../src/policy/rules/migration-in-progress.js'
import { revisionOrder } from '../../../src/policy/rules/revision-order.js'
import { appliedFileEdited } from '../../../src/policy/rules/applied-file-edited.js'
import { revisionTableElsewhere } from '../../../src/policy/rules/revision-table-elsewhere.js'
import { revisionTableIncomplete } from '../../../src/policy/rules/revision-table-incomplete.js'
import { revisionTableSeveralDirectories } from '../../../src/policy/rules/revision-table-several-directories.js'
import { revisionTableShared } from '../../../src/policy/rules/revision-table-shared.js'
import {
  buildFacts,
  checkpoint,
  files,
  inVersionOrder,
  rowsOf,
  sharing,
} from '../facts/facts-builder.js'
import { judge } from './judge.js'
import type { Case } from './judge.js'

const all = files('20250101_a', '20250103_b', '20250105_c', '20250107_d')
const seed = files('20250102_s', '20250104_t')
const merged = { ...all, ...seed }
const rows = rowsOf(all)
const both = inVersionOrder(rows, rowsOf(seed))
const notClean = 'found schema "public"'

const shared: readonly Case[] = [
  ['says nothing when nobody shares the table', { files: all, rows }, null],
  [
    'says nothing when the own directory is not known',
    { directory: { kind: 'remote' }, rows, sharing: [sharing('seed', seed)] },
    null,
  ],
  [
    'denies another version set, before any row shows it',
    { files: all, sharing: [sharing('seed', seed)] },
    {
      severity: 'deny',
      subjects: ['app/seed'],
      says: /atlas-admission consolidate.*revisionsSchema.*baseline/s,
    },
  ],
  [
    'denies to have a part of what the other one has',
    { files: seed, rows: both, sharing: [sharing('all', merged)] },
    { severity: 'deny', subjects: ['app/all'] },
  ],
  [
    'warns of the same set: a rename in progress',
    { files: all, rows, sharing: [sharing('old', all)] },
    { severity: 'warn', subjects: ['app/old'], says: /delete one of them/ },
  ],
  [
    'warns of a superset: the consolidation itself',
    { files: merged, rows: both, sharing: [sharing('seed', seed), sharing('schema', all)] },
    {
      severity: 'warn',
      subjects: ['app/seed', 'app/schema'],
      says: /delete app\/seed and app\/schema/,
    },
  ],
  [
    'warns when the other directory cannot be read',
    { files: all, rows, sharing: [sharing('cloud', null)] },
    { severity: 'warn', subjects: ['app/cloud'], says: /cannot be read/ },
  ],
  [
    'names those with other files alone when there are several',
    { files: all, rows, sharing: [sharing('old', all), sharing('seed', seed)] },
    { severity: 'deny', subjects: ['app/seed'] },
  ],
  [
    'needs no rows: the files alone are compared',
    { files: all, table: { kind: 'unread' }, sharing: [sharing('seed', seed)] },
    { severity: 'deny', subjects: ['app/seed'] },
  ],
  [
    'says of an equal URL that nothing was asked',
    { files: all, table: { kind: 'unread' }, alike: { names: [], elsewhere: 1 } },
    {
      severity: 'warn',
      subjects: ['1 AtlasMigration of other namespaces'],
      says: /the URL is the same/,
      neverSays: /the database says/,
    },
  ],
  [
    'only warns where nothing is proven, and names those of the namespace',
    { files: all, rows, alike: { names: ['app/seed', 'app/old'], elsewhere: 0 } },
    {
      severity: 'warn',
      subjects: ['app/seed', 'app/old'],
      says: /^app\/seed and app\/old may use this .*could not be proven/s,
    },
  ],
  [
    'has nothing but a count of other namespaces where nothing is proven',
    { files: all, rows, alike: { names: [], elsewhere: 2 } },
    {
      severity: 'warn',
      subjects: ['2 AtlasMigrations of other namespaces'],
      says: /^2 AtlasMigrations of other namespaces may use/,
    },
  ],
  [
    'names one, and counts one of another namespace, where nothing is proven',
    { files: all, rows, alike: { names: ['app/seed'], elsewhere: 1 } },
    {
      severity: 'warn',
      subjects: ['app/seed', '1 AtlasMigration of other namespaces'],
      says: /^app\/seed and 1 AtlasMigration of other namespaces may use/,
    },
  ],
  [
    'speaks of what is proven alone where there is both',
    {
      files: all,
      rows,
      sharing: [sharing('seed', seed)],
      alike: { names: ['app/copy'], elsewhere: 3 },
    },
    { severity: 'deny', subjects: ['app/seed'] },
  ],
  [
    'says nothing of unproven ones when the own directory is not known',
    { directory: { kind: 'remote' }, rows, alike: { names: ['app/seed'], elsewhere: 1 } },
    null,
  ],
  [
    'reports with a wrong atlas.sum too, so that its repair introduces nothing',
    { files: all, wrongSum: true, rows, sharing: [sharing('seed', seed)] },
    { severity: 'deny', subjects: ['app/seed'] },
  ],
]

const init = {
  '0001_init.sql': 'CREATE TABLE users ();\n',
  '0002_more.sql': 'CREATE TABLE a ();\n',
}
const twin = {
  '0001_init.sql': 'CREATE TABLE bills ();\n',
  '0002_more.sql': 'CREATE TABLE b ();\n',
}

/** With the rows of one of them the real engine runs nothing of the other: no migration files to execute. */
const namesakes: readonly Case[] = [
  [
    'denies two services that number alike, with other texts',
    { files: twin, rows: rowsOf(init), sharing: [sharing('a', init)] },
    {
      severity: 'deny',
      subjects: ['app/a'],
      says: /other files under the same versions.*empty file 0000_baseline.sql.*--rename-pending/s,
      neverSays: /delete one of them when/,
    },
  ],
  [
    'sends the other one away where its own files are what ran',
    { files: init, rows: rowsOf(init), sharing: [sharing('b', twin)] },
    { severity: 'deny', subjects: ['app/b'], says: /give app\/b a spec.revisionsSchema/ },
  ],
  [
    'says of the merged directory of both to delete the one that was merged',
    {
      files: {
        ...init,
        '0003_init.sql': twin['0001_init.sql'],
        '0004_more.sql': twin['0002_more.sql'],
      },
      rows: rowsOf(init),
      sharing: [sharing('b', twin)],
    },
    { severity: 'warn', subjects: ['app/b'], says: /still used by app\/b, .*delete app\/b/s },
  ],
  [
    'says of the one that was merged to delete it',
    {
      files: twin,
      rows: rowsOf(init),
      sharing: [
        sharing('a', {
          ...init,
          '0003_init.sql': twin['0001_init.sql'],
          '0004_more.sql': twin['0002_more.sql'],
        }),
      ],
    },
    { severity: 'warn', subjects: ['app/a'], says: /include all of these.*delete this/s },
  ],
  [
    'takes one edited file of several for a successor',
    {
      files: { ...init, '0003_x.sql': 'SELECT 1;\n', '0002_more.sql': 'CREATE TABLE c ();\n' },
      rows: rowsOf(init),
      sharing: [sharing('a', { ...init, '0003_x.sql': 'SELECT 1;\n' })],
    },
    { severity: 'warn', subjects: ['app/a'], says: /with the same files/ },
  ],
]

judge(revisionTableShared, namesakes)
judge(appliedFileEdited, [
  [
    'calls no file edited that another service has under its version',
    { files: twin, rows: rowsOf(init), sharing: [sharing('a', init)] },
    null,
  ],
])

const several: readonly Case[] = [
  ['says nothing when every row has its file', { files: merged, rows: both }, null],
  [
    'leaves a known second directory to revision-table-shared',
    { files: all, rows: both, sharing: [sharing('seed', seed)] },
    null,
  ],
  ['says nothing when the table is not known', { files: all, table: { kind: 'unread' } }, null],
  [
    'claims nothing of rows that later own rows do not cover: their files may be removed',
    {
      files: all,
      rows: inVersionOrder(
        rowsOf(all, ['20250101', '20250103']),
        rowsOf(seed),
        rowsOf(all, ['20250105', '20250107']),
      ),
    },
    null,
  ],
  [
    'claims nothing when the rows without a file are the newest',
    { files: all, rows: rowsOf({ ...all, ...files('20250109_e') }) },
    null,
  ],
  [
    'claims nothing of own files that were lost in between',
    { files: files('20250101_a', '20250105_c', '20250107_d'), rows },
    null,
  ],
  [
    'claims nothing of own files that the dir-state explains',
    { files: files('20250101_a', '20250105_c', '20250107_d'), rows, dirState: all },
    null,
  ],
  [
    'sees two chains although a third directory is unknown',
    {
      files: merged,
      rows: inVersionOrder(both, rowsOf({ '20250106.sql': 'SELECT 1;\n' })),
    },
    { severity: 'warn', subjects: ['20250106'], says: /several directories wrote/ },
  ],
  [
    'claims nothing where a late file before all others seems to begin a chain',
    {
      files: files('20250101_a', '20250103_b', '20250105_c'),
      rows: [
        ...rowsOf(files('20250103_b', '20250105_c', '20250107_d')),
        ...rowsOf(files('20250101_a')),
      ],
    },
    null,
  ],
  [
    'claims nothing of one row without a file, nor of its name',
    {
      files: all,
      rows: inVersionOrder(rowsOf({ '20250106.sql': 'SELECT 1;\n' }), rowsOf(all)),
    },
    null,
  ],
]

const moved = { host: 'new', fingerprint: 'f2' }
const movedIdentity = { identity: { system: '9', database: '5', identifier: null } }
const hidden = { identity: { system: '', database: '16384', identifier: null } }

const incomplete: readonly Case[] = [
  ['says nothing when every version has its row', { files: all, rows, dirState: all }, null],
  ['says nothing of files that never ran', { files: all, rows: rows.slice(0, 2) }, null],
  ['says nothing when the table is not known', { files: all, table: { kind: 'unread' } }, null],
  [
    'warns of a new, empty database: everything runs there',
    {
      files: all,
      dirState: all,
      target: moved,
      table: movedIdentity,
      before: { files: all, rows, dirState: all },
    },
    {
      severity: 'warn',
      subjects: ['9/5/atlas_schema_revisions'],
      says: /everything from the first file/,
    },
  ],
  [
    'says nothing of a new, empty database when the old one is gone',
    {
      files: all,
      dirState: all,
      target: moved,
      table: movedIdentity,
      before: {
        files: all,
        dirState: all,
        table: { kind: 'failed', failure: 'timeout', message: 'gone' },
      },
    },
    null,
  ],
  [
    'says nothing of a faithful copy, whatever the status and the dir-state say',
    {
      files: { ...all, ...files('20250109_e') },
      rows,
      dirState: { ...all, ...files('20250109_e') },
      status: { lastAppliedVersion: '20250109' },
      target: moved,
      before: { files: { ...all, ...files('20250109_e') }, rows },
    },
    null,
  ],
  [
    'denies a copy that lacks rows, though neither status nor dir-state tell',
    {
      files: all,
      rows: rows.filter(({ version }) => version === '20250103' || version === '20250107'),
      target: moved,
      before: { files: all, rows },
    },
    { severity: 'deny', subjects: ['20250101', '20250105'], says: /the old database ran/ },
  ],
  [
    'says nothing of a row whose file is gone: nothing follows from it',
    {
      files: files('20250101_a', '20250103_b'),
      rows: rowsOf(all, ['20250101', '20250103']),
      target: moved,
      before: { files: all, rows },
    },
    null,
  ],
  [
    'says nothing of a backup from before a file that failed half-way',
    {
      files: all,
      rows: rows.slice(0, 3),
      target: moved,
      before: { files: all, rows: [...rows.slice(0, 3), { ...rows[3]!, applied: 1, total: 2 }] },
    },
    null,
  ],
  [
    'denies a copy in which only a part of a file ran',
    {
      files: all,
      rows: [...rows.slice(0, 3), { ...rows[3]!, applied: 1, total: 2 }],
      target: moved,
      before: { files: all, rows },
    },
    { severity: 'deny', subjects: ['20250107'], says: /only a part/ },
  ],
  [
    'denies a database on which another text ran',
    {
      files: all,
      rows: rowsOf({ ...all, '20250103_b.sql': 'SELECT 2;\n' }),
      dirState: all,
      target: moved,
      before: { files: all, rows, dirState: all },
    },
    { severity: 'deny', subjects: ['20250103'], says: /another text/ },
  ],
  [
    'says nothing of a database in which the files ran in another order',
    {
      files: all,
      rows: inVersionOrder(
        rowsOf(files('20250101_a', '20250105_c', '20250107_d')),
        rowsOf(all, ['20250103']),
      ),
      target: moved,
      before: { files: all, rows },
    },
    null,
  ],
  [
    'says nothing of a database with a baseline in place of the first rows',
    {
      files: all,
      rows: [{ ...rows[2]!, type: 1, hash: '' }, rows[3]!],
      target: moved,
      before: { files: all, rows },
    },
    null,
  ],
  [
    "denies another application's database, and advises no file for its versions",
    {
      files: all,
      rows: rowsOf(files('20240101_x', '20240102_y')),
      target: moved,
      before: { files: all, rows },
    },
    {
      severity: 'deny',
      subjects: ['20250101', '20250103', '20250105', '20250107'],
      says: /another application's database.*the right database.*Do not add files/s,
    },
  ],
  [
    'says nothing when table and directory were reverted together',
    {
      files: files('20250101_a', '20250103_b'),
      rows: rowsOf(files('20250101_a', '20250103_b')),
      dirState: all,
      status: { lastAppliedVersion: '20250107' },
    },
    null,
  ],
  [
    'says nothing of what a checkpoint in the dir-state stands for',
    {
      files: { ...all, ...checkpoint('20250108_x') },
      rows,
      dirState: { ...all, ...checkpoint('20250108_x') },
    },
    null,
  ],
  [
    'says nothing of the text in place of a version',
    {
      files: all,
      rows: rows.slice(0, 3),
      status: { lastAppliedVersion: 'No migration applied yet' },
    },
    null,
  ],
  [
    'warns when the dir-state has versions that would run again',
    { files: all, rows: rows.slice(0, 2), dirState: all },
    { severity: 'warn', subjects: ['20250105', '20250107'] },
  ],
  [
    'warns when the status has the version',
    { files: all, rows: rows.slice(0, 3), status: { lastAppliedVersion: '20250107' } },
    { severity: 'warn', subjects: ['20250107'] },
  ],
  [
    'warns of a row that is lost in the middle',
    { files: all, rows: rows.filter(row => row.version !== '20250103'), dirState: all },
    { severity: 'warn', subjects: ['20250103'] },
  ],
  [
    'says nothing of what linear-skip left out',
    {
      files: { ...all, ...files('20250109_e') },
      rows: rows.filter(row => row.version !== '20250103'),
      dirState: all,
      spec: { execOrder: 'linear-skip' },
    },
    null,
  ],
  [
    'denies when the write names another database',
    {
      files: all,
      rows: rows.slice(0, 2),
      dirState: all,
      target: moved,
      table: movedIdentity,
      before: { files: all, rows, dirState: all },
    },
    { severity: 'deny', subjects: ['20250105', '20250107'], says: /restore the revisions table/ },
  ],
  [
    'denies when only the address can tell that it is another database',
    {
      files: all,
      rows: rows.slice(0, 2),
      dirState: all,
      target: moved,
      table: hidden,
      before: { files: all, rows, dirState: all, table: hidden },
    },
    { severity: 'deny', subjects: ['20250105', '20250107'] },
  ],
  [
    'compares addresses when the database before could not be read',
    {
      files: all,
      rows: rows.slice(0, 2),
      dirState: all,
      before: {
        files: all,
        table: { kind: 'failed', failure: 'unreachable', message: 'no route' },
      },
    },
    { severity: 'warn', subjects: ['20250105', '20250107'] },
  ],
  [
    'says nothing when a partial row stops the operator',
    {
      files: files('20250101_a', '20250103_b'),
      rows: rows.map(row => ({ ...row, applied: row.version === '20250107' ? 0 : 1 })),
      dirState: all,
    },
    null,
  ],
  [
    'denies a moved database that came without its table',
    {
      files: all,
      rows: null,
      notClean,
      dirState: all,
      target: moved,
      table: movedIdentity,
      before: { files: all, rows, dirState: all },
    },
    { severity: 'deny', subjects: ['20250101', '20250103', '20250105', '20250107'] },
  ],
  [
    'says nothing when the baseline stands for everything that ran',
    {
      files: all,
      rows: null,
      notClean,
      dirState: all,
      spec: { baseline: '20250107' },
      target: moved,
      table: movedIdentity,
      before: { files: all, rows, dirState: all },
    },
    null,
  ],
]

const elsewhere: readonly Case[] = [
  [
    'says nothing when the rows are where the operator looks',
    { files: all, rows, table: { elsewhere: ['public'] } },
    null,
  ],
  ['says nothing when there are none anywhere', { files: all }, null],
  ['says nothing when the table is not known', { files: all, table: { kind: 'unread' } }, null],
  [
    'warns a new object',
    { files: all, notClean, table: { elsewhere: ['public'] } },
    {
      severity: 'warn',
      subjects: ['7123/16384/atlas_schema_revisions'],
      says: /set spec.revisionsSchema to public/,
    },
  ],
  [
    'says nothing of a second directory with its own table and a baseline',
    {
      files: seed,
      notClean,
      spec: { revisionsSchema: 'seed', baseline: '20250102' },
      table: { elsewhere: ['atlas_schema_revisions'] },
    },
    null,
  ],
  [
    'says nothing of a clean schema of one tenant among many',
    {
      files: all,
      target: { boundSchema: 'tenant_b', revisionsSchema: 'tenant_b' },
      table: { elsewhere: ['tenant_a'] },
    },
    null,
  ],
  [
    'warns when an own empty table is in the way',
    {
      files: seed,
      rows: [],
      notClean,
      spec: { revisionsSchema: 'seed', baseline: '20250102' },
      table: { elsewhere: ['atlas_schema_revisions'] },
    },
    { severity: 'warn', subjects: ['7123/16384/seed'] },
  ],
  [
    'denies another revisionsSchema without a baseline',
    {
      files: all,
      notClean,
      spec: { revisionsSchema: 'other' },
      table: { elsewhere: ['atlas_schema_revisions'] },
      before: { files: all, rows },
    },
    { severity: 'deny', subjects: ['7123/16384/other'] },
  ],
  [
    'denies another database whose rows are elsewhere',
    {
      files: all,
      notClean,
      target: moved,
      table: { ...movedIdentity, elsewhere: ['public'] },
      before: { files: all, rows },
    },
    { severity: 'deny', subjects: ['9/5/atlas_schema_revisions'] },
  ],
  [
    'denies a schema that is new where the rows came along in the old one',
    {
      files: all,
      target: { ...moved, boundSchema: 'shpo', revisionsSchema: 'shpo' },
      table: { ...movedIdentity, elsewhere: ['shop', 'other'] },
      before: { files: all, rows, target: { boundSchema: 'shop', revisionsSchema: 'shop' } },
    },
    {
      severity: 'deny',
      subjects: ['9/5/shpo'],
      says: /set spec.revisionsSchema to shop/,
    },
  ],
  [
    'says nothing of a schema that is new in the same database',
    {
      files: all,
      target: { boundSchema: 'shpo', revisionsSchema: 'shpo' },
      table: { elsewhere: ['shop'] },
      before: { files: all, rows, target: { boundSchema: 'shop', revisionsSchema: 'shop' } },
    },
    null,
  ],
  [
    'warns when a missing Secret hides what it was before',
    {
      files: all,
      notClean,
      table: { elsewhere: ['public'] },
      before: { files: all, table: { kind: 'unread' }, unresolved: true },
    },
    { severity: 'warn', subjects: ['7123/16384/atlas_schema_revisions'] },
  ],
  [
    'says nothing of a table that another AtlasMigration of this database uses',
    {
      files: all,
      notClean,
      spec: { revisionsSchema: 'rev_b' },
      table: { elsewhere: ['rev_a'] },
      neighbours: [{ name: 'app/a', revisionsSchema: 'rev_a' }],
    },
    null,
  ],
  [
    'names the other tables only',
    {
      files: all,
      notClean,
      table: { elsewhere: ['rev_a', 'rev_c'] },
      neighbours: [{ name: 'app/a', revisionsSchema: 'rev_a' }],
    },
    {
      severity: 'warn',
      subjects: ['7123/16384/atlas_schema_revisions'],
      says: /set spec.revisionsSchema to rev_c.*rev_a is that of app\/a: do not use it/s,
    },
  ],
  [
    'sends a moved object back rather than to the table of another one',
    {
      files: all,
      notClean,
      spec: { revisionsSchema: 'other' },
      table: { elsewhere: ['rev_a'] },
      neighbours: [{ name: null, revisionsSchema: 'rev_a' }],
      before: { files: all, rows },
    },
    {
      severity: 'deny',
      subjects: ['7123/16384/other'],
      says: /put the URL and spec.revisionsSchema back.*of another namespace: do not use it/s,
      neverSays: /set spec.revisionsSchema to/,
    },
  ],
  [
    'does not choose the table of another AtlasMigration for an ambiguous one',
    {
      files: all,
      target: { boundSchema: 'svc', revisionsSchema: 'svc' },
      table: { ambiguous: true, elsewhere: ['atlas_schema_revisions'] },
      neighbours: [{ name: 'app/a', revisionsSchema: 'atlas_schema_revisions' }],
    },
    {
      severity: 'deny',
      subjects: ['7123/16384/svc ambiguous'],
      says: /set spec.revisionsSchema to svc\n/,
    },
  ],
  [
    'denies an ambiguous table, also to a new object: it fails for certain',
    {
      files: all,
      target: { boundSchema: 'public', revisionsSchema: 'public' },
      table: { ambiguous: true },
    },
    {
      severity: 'deny',
      subjects: ['7123/16384/public ambiguous'],
      says: /set spec.revisionsSchema to atlas_schema_revisions or public/,
    },
  ],
  [
    'denies when the URL becomes ambiguous',
    {
      files: all,
      target: { boundSchema: 'public', revisionsSchema: 'public' },
      table: { ambiguous: true },
      before: { files: all, rows },
    },
    { severity: 'deny', subjects: ['7123/16384/public ambiguous'] },
  ],
  [
    'warns while it stays ambiguous',
    {
      files: all,
      target: { boundSchema: 'public', revisionsSchema: 'public' },
      table: { ambiguous: true },
      before: {
        files: all,
        target: { boundSchema: 'public', revisionsSchema: 'public' },
        table: { ambiguous: true },
      },
    },
    { severity: 'warn', subjects: ['7123/16384/public ambiguous'] },
  ],
]

const mixed = files('1_x', 'B_x', 'a_x')
const order: readonly Case[] = [
  ['says nothing when the order is bytewise', { files: mixed, rows: rowsOf(mixed) }, null],
  ['says nothing without a table', { files: mixed }, null],
  ['says nothing when the table is not known', { files: mixed, table: { kind: 'unread' } }, null],
  [
    'denies a linguistic order, whatever the directory is',
    {
      directory: { kind: 'remote' },
      rows: ['1', 'a', 'B'].flatMap(version => rowsOf(mixed, [version])),
    },
    { severity: 'deny', subjects: ['B'], says: /digits only/ },
  ],
]

const inProgress: readonly Case[] = [
  ['says nothing when the lock is free', { files: all, rows }, null],
  ['says nothing when the table is not known', { table: { kind: 'unread' } }, null],
  [
    'warns when it is held',
    { files: all, rows, table: { locked: true } },
    { severity: 'warn', subjects: [] },
  ],
]

const failures: readonly DatabaseFailure[] = [
  'unreachable',
  'refused',
  'tls',
  'authentication',
  'database-missing',
  'permission',
  'timeout',
  'login-withheld',
  'too-many-connections',
  'forbidden-address',
  'malformed-table',
  'unsupported',
  'other',
]

const errors: readonly Case[] = [
  ['says nothing when the table was read', { files: all, rows }, null],
  ['says nothing when there was nothing to read', { table: { kind: 'unread' } }, null],
  ...failures.map((failure): Case => [
    `cannot decide: ${failure}`,
    { table: { kind: 'failed', failure, message: 'a sentence of the reader' } },
    { severity: 'warn', subjects: [failure], says: /^cannot decide: .*a sentence of the reader/s },
  ]),
]

judge(revisionTableShared, shared)
judge(revisionTableSeveralDirectories, several)
judge(revisionTableIncomplete, incomplete)
judge(revisionTableElsewhere, elsewhere)
judge(revisionOrder, order)
judge(migrationInProgress, inProgress)
judge(databaseError, errors)

void t.test('database-error does not tell an open port from a closed one', t => {
  const message = 'no PostgreSQL server could be reached with the URL'
  const connecting = ['unreachable', 'refused', 'timeout', 'forbidden-address'] as const
  const said = connecting.map(failure => {
    const facts = buildFacts({ table: { kind: 'failed', failure, message } })
    const { subjects: _, ...text } = databaseError.evaluate(facts)!
    return JSON.stringify(text)
  })
  t.equal(new Set(said).size, 1)
  t.match(said[0], message)
  t.end()
})

void t.test('revision-table-shared tells what 0.1.0 denied from what it let pass', t => {
  const since = (situation: Parameters<typeof buildFacts>[0]) =>
    revisionTableShared.evaluate(buildFacts(situation))?.since
  const namesakes = Object.fromEntries(Object.keys(all).map(name => [name, `select '${name}';`]))
  t.equal(since({ files: all, sharing: [sharing('seed', seed)] }), undefined)
  t.equal(since({ files: all, rows, sharing: [sharing('twin', namesakes)] }), '0.2.0')
  const more = { ...namesakes, ...seed }
  t.equal(since({ files: all, rows, sharing: [sharing('twin', more)] }), undefined)
  const unread = { files: all, table: { kind: 'unread' } as const }
  t.equal(since({ ...unread, sharing: [sharing('seed', seed)] }), '0.2.0')
  t.end()
})

void t.test('revision-table-incomplete tells what 0.1.0 denied from what it let pass', t => {
  const since = (status: { readonly lastAppliedVersion?: string }) =>
    revisionTableIncomplete.evaluate(
      buildFacts({
        files: all,
        rows: rows.slice(0, 2),
        target: { host: 'new', fingerprint: 'f2' },
        table: { identity: { system: '9', database: '5', identifier: null } },
        status,
        before: { files: all, rows },
      }),
    )?.since
  t.equal(since({ lastAppliedVersion: '20250107' }), undefined)
  t.equal(since({}), '0.2.0')
  t.end()
})
