import { migrateDownIntended } from '../../../src/policy/rules/migrate-down-intended.js'
import { migrateDownPredicted } from '../../../src/policy/rules/migrate-down-predicted.js'
import { migrateDownUnsafe } from '../../../src/policy/rules/migrate-down-unsafe.js'
import { checkpoint, files, inVersionOrder, rowsOf, sharing } from '../facts/facts-builder.js'
import { judge } from './judge.js'
import type { Case } from './judge.js'

const all = files('20250101_a', '20250103_b', '20250105_c', '20250107_d')
const [a, b, c, d] = ['20250101', '20250103', '20250105', '20250107'] as const
const firstTwo = files('20250101_a', '20250103_b')
const firstThree = files('20250101_a', '20250103_b', '20250105_c')
const seed = files('20250115_seed', '20250116_seed')
const rows = rowsOf(all)
const both = inVersionOrder(rows, rowsOf(seed))
const allowed = { protectedFlows: { migrateDown: { allow: true, autoApprove: true } } }
const late = files('20250104_late')
const withLate = { ...all, ...late }
const strange = files('1_a', 'B_b', 'a_c', 'c_d')
const refusal = /migrate down is not allowed, set `migrateDown.allow` to true to allow downgrade/

const predicted: readonly Case[] = [
  ['says nothing when every row has its file', { files: all, rows }, null],
  ['says nothing about a remote directory', { directory: { kind: 'remote' }, rows }, null],
  [
    'says nothing when the table is not known',
    { files: firstTwo, rows, table: { kind: 'unread' } },
    null,
  ],
  ['says nothing when atlas.sum is wrong', { files: firstTwo, rows, wrongSum: true }, null],
  ['says nothing when a name is impossible', { files: { ...firstTwo, 'x/1.sql': '' }, rows }, null],
  ['says nothing when it is allowed', { files: firstTwo, rows, spec: allowed }, null],
  [
    'quotes the operator and calls rows of unknown origin so',
    { files: firstTwo, rows },
    { severity: 'deny', subjects: [c, d], says: refusal },
  ],
  [
    'does not invent a cause for rows of unknown origin',
    { files: firstTwo, rows },
    { severity: 'deny', subjects: [c, d], says: /restored or moved/, neverSays: /were removed/ },
  ],
  [
    'calls files removed that this write removes',
    { files: firstThree, rows, before: { files: all, rows } },
    { severity: 'deny', subjects: [d], says: /applied files were removed: 20250107,/ },
  ],
  [
    'calls files removed that the dir-state still has',
    { files: firstTwo, rows, dirState: all },
    { severity: 'deny', subjects: [c, d], says: /put the removed files back/ },
  ],
  [
    'names the AtlasMigration whose directory the rows are of',
    { files: all, rows: both, sharing: [sharing('seed', seed), sharing('secret', null)] },
    {
      severity: 'deny',
      subjects: ['20250115', '20250116'],
      says: /rows of app\/seed in the same table: 20250115 and 20250116,.*atlas-admission consolidate/s,
    },
  ],
  [
    'prefers the own lost file to another directory that also has it',
    { files: firstThree, rows, dirState: all, sharing: [sharing('copy', all)] },
    { severity: 'deny', subjects: [d], says: /were removed/, neverSays: /app\/copy/ },
  ],
  [
    'names every cause',
    { files: firstThree, rows: both, dirState: all, sharing: [sharing('seed', seed)] },
    {
      severity: 'deny',
      subjects: [d, '20250115', '20250116'],
      says: /app\/seed.*Also: applied files were removed: 20250107/s,
    },
  ],
  [
    'finds the emptied directory',
    { files: {}, rows, before: { files: all, rows } },
    {
      severity: 'deny',
      subjects: [a, b, c, d],
      says: /no migration file, the revisions table 4 rows/,
    },
  ],
  [
    'finds the emptied directory of a single row',
    { files: {}, rows: rowsOf(all, [a]) },
    { severity: 'deny', subjects: [a], says: /one row/ },
  ],
  [
    'finds the squash without the old files',
    { files: { ...checkpoint('20250106_squash'), ...files('20250107_d') }, rows },
    { severity: 'deny', subjects: [a, b, c], says: /keep the old files beside the checkpoint/ },
  ],
  [
    'finds a single late file, whatever the order',
    { files: withLate, rows, spec: { execOrder: 'non-linear' } },
    {
      severity: 'deny',
      subjects: ['20250104_late.sql'],
      says: /20250104_late.sql came after newer files ran/,
    },
  ],
  [
    'finds a single late file under linear-skip',
    { files: withLate, rows, spec: { execOrder: 'linear-skip' } },
    { severity: 'deny', subjects: ['20250104_late.sql'], says: /execOrder does not help/ },
  ],
  [
    'finds a late file and a lost one',
    { files: { ...firstThree, ...late }, rows },
    { severity: 'deny', subjects: ['20250104_late.sql', d], says: /Also: .*20250107/ },
  ],
  [
    'is the refusal also when allow lacks autoApprove',
    { files: firstTwo, rows, spec: { protectedFlows: { migrateDown: { allow: true } } } },
    { severity: 'deny', subjects: [c, d] },
  ],
  [
    'warns when the same gaps showed as an apply before',
    {
      files: files('20250101_a', '20250105_c', '20250107_d'),
      rows,
      before: { files: files('20250101_a', '20250105_c', '20250107_d', '20250109_e'), rows },
    },
    { severity: 'warn', subjects: [b] },
  ],
  [
    'warns when turning allow off leaves it at a refusal',
    { files: firstTwo, rows, before: { files: firstTwo, rows, spec: allowed } },
    { severity: 'warn', subjects: [c, d] },
  ],
  [
    'denies when a late file would have run before this write',
    {
      files: withLate,
      rows,
      spec: { execOrder: 'non-linear' },
      before: {
        files: { ...withLate, ...files('20250109_e') },
        rows,
        spec: { execOrder: 'non-linear' },
      },
    },
    { severity: 'deny', subjects: ['20250104_late.sql'] },
  ],
  [
    'denies when nothing was known before',
    { files: firstTwo, rows, before: { rows, directory: { kind: 'none' } } },
    { severity: 'deny', subjects: [c, d] },
  ],
  [
    'denies when the trouble before was another one, on another database',
    {
      files: firstTwo,
      rows,
      before: { files: firstTwo, notClean: 'found schema "public"' },
    },
    { severity: 'deny', subjects: [c, d] },
  ],
  [
    'leaves rows in a foreign order to their own rule',
    {
      files: strange,
      rows: ['1', 'a', 'B', 'c'].flatMap(version => rowsOf(strange, [version])),
    },
    null,
  ],
]

const unsafe: readonly Case[] = [
  ['says nothing when it is not allowed', { files: firstTwo, rows }, null],
  [
    'says nothing when the dir-state covers it',
    { files: firstTwo, rows, spec: allowed, dirState: all },
    null,
  ],
  ['says nothing when no down is predicted', { files: all, rows, spec: allowed }, null],
  [
    'denies without a dir-state',
    { files: firstTwo, rows, spec: allowed },
    {
      severity: 'deny',
      subjects: [c, d],
      says: /unable to downgrade, no dir-state found.*It goes down because/s,
    },
  ],
  [
    'warns when the dir-state cannot be read',
    { files: firstTwo, rows, spec: allowed, dirState: { kind: 'unreadable', reason: 'no gzip' } },
    { severity: 'warn', subjects: [c, d], says: /cannot be read/ },
  ],
  [
    'denies what the dir-state does not have either',
    { files: firstTwo, rows, spec: allowed, dirState: firstThree },
    { severity: 'deny', subjects: [c, d], says: /does not have 20250107 either/ },
  ],
  [
    'denies rows of another directory',
    { files: all, rows: both, spec: allowed, dirState: all, sharing: [sharing('seed', seed)] },
    { severity: 'deny', subjects: ['20250115', '20250116'], says: /app\/seed/ },
  ],
  [
    'denies when the operator would crash on an emptied directory',
    { files: {}, rows, spec: allowed, dirState: all },
    { severity: 'deny', subjects: [a, b, c, d], says: /crash/ },
  ],
  [
    'denies when the operator would crash on a late file',
    { files: withLate, rows, spec: allowed, dirState: all },
    { severity: 'deny', subjects: ['20250104_late.sql'], says: /crash/ },
  ],
  [
    'denies when a gap in the middle cannot be reverted',
    {
      files: files('20250101_a', '20250105_c', '20250107_d'),
      rows,
      spec: allowed,
      dirState: all,
    },
    { severity: 'deny', subjects: [b], says: /down to 20250107 does not revert 20250103/ },
  ],
  [
    'warns when the same write names a copy, or what cannot be told from one',
    {
      files: firstTwo,
      rows,
      spec: allowed,
      dirState: all,
      target: { port: 5433, fingerprint: 'f2' },
      before: { files: all, rows, spec: allowed, dirState: all },
    },
    { severity: 'warn', subjects: [c, d], says: /may revert another database/ },
  ],
  [
    'denies for a copy what cannot be undone anyway',
    {
      files: firstTwo,
      rows,
      spec: allowed,
      dirState: firstThree,
      target: { port: 5433, fingerprint: 'f2' },
      before: { files: all, rows, spec: allowed, dirState: all },
    },
    { severity: 'deny', subjects: [c, d], says: /does not have 20250107 either/ },
  ],
  [
    'denies when the same write names another database',
    {
      files: firstTwo,
      rows,
      spec: allowed,
      dirState: all,
      target: { host: 'new' },
      table: { identity: { system: '9', database: '1', identifier: null } },
      before: { files: all, rows, spec: allowed, dirState: all },
    },
    { severity: 'deny', subjects: [c, d], says: /another database/ },
  ],
  [
    'denies when a row to revert did not run the text of the dir-state',
    {
      files: firstThree,
      rows,
      spec: allowed,
      dirState: { ...all, '20250107_d.sql': 'CREATE TABLE other (id int);\n' },
    },
    { severity: 'deny', subjects: [d], says: /20250107.*not.*ran/s },
  ],
]

const intended: readonly Case[] = [
  ['says nothing when it is not allowed', { files: firstTwo, rows, dirState: all }, null],
  ['says nothing when it is not safe', { files: firstTwo, rows, spec: allowed }, null],
  ['says nothing when no down is predicted', { files: all, rows, spec: allowed }, null],
  [
    'warns of a rollback that the dir-state covers',
    { files: firstTwo, rows, spec: allowed, dirState: all },
    {
      severity: 'warn',
      subjects: [c, d],
      says: /down to 20250103 and revert 20250105 and 20250107/,
    },
  ],
  [
    'takes another spelling of the host for the same database',
    {
      files: firstTwo,
      rows,
      spec: allowed,
      dirState: all,
      target: { host: 'db.app.svc', fingerprint: 'f2' },
      before: { files: all, rows, spec: allowed, dirState: all },
      isMoveRefuted: true,
    },
    { severity: 'warn', subjects: [c, d] },
  ],
]

judge(migrateDownPredicted, predicted)
judge(migrateDownUnsafe, unsafe)
judge(migrateDownIntended, intended)
