import t from 'tap'
import { parseHcl } from '../../../src/policy/text/hcl.js'
import type { Rule } from '../../../src/policy/facts/finding.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import { appliedFileEdited } from '../../../src/policy/rules/applied-file-edited.js'
import { appliedFileMissing } from '../../../src/policy/rules/applied-file-missing.js'
import { baselineRequired } from '../../../src/policy/rules/baseline-required.js'
import { baselineUnknown } from '../../../src/policy/rules/baseline-unknown.js'
import { databaseError } from '../../../src/policy/rules/database-error.js'
import { fileNeverRuns } from '../../../src/policy/rules/file-never-runs.js'
import { fileOutOfOrder } from '../../../src/policy/rules/file-out-of-order.js'
import { migrateDownIntended } from '../../../src/policy/rules/migrate-down-intended.js'
import { migrateDownPredicted } from '../../../src/policy/rules/migrate-down-predicted.js'
import { migrateDownUnsafe } from '../../../src/policy/rules/migrate-down-unsafe.js'
import { migrationInProgress } from '../../../src/policy/rules/migration-in-progress.js'
import { revisionOrder } from '../../../src/policy/rules/revision-order.js'
import { revisionPartial } from '../../../src/policy/rules/revision-partial.js'
import { revisionTableElsewhere } from '../../../src/policy/rules/revision-table-elsewhere.js'
import { revisionTableEmpty } from '../../../src/policy/rules/revision-table-empty.js'
import { revisionTableIncomplete } from '../../../src/policy/rules/revision-table-incomplete.js'
import { revisionTableSeveralDirectories } from '../../../src/policy/rules/revision-table-several-directories.js'
import { revisionTableShared } from '../../../src/policy/rules/revision-table-shared.js'
import { evaluateRules, introduced, severityOf } from '../../../src/policy/enforcement/verdict.js'
import {
  buildFacts,
  checkpoint,
  files,
  inVersionOrder,
  rowsOf,
  sharing,
} from '../facts/facts-builder.js'
import type { Files, Situation } from '../facts/facts-builder.js'

const rules: readonly Rule[] = [
  migrateDownPredicted,
  migrateDownUnsafe,
  migrateDownIntended,
  appliedFileMissing,
  appliedFileEdited,
  fileOutOfOrder,
  fileNeverRuns,
  revisionPartial,
  baselineRequired,
  revisionTableEmpty,
  baselineUnknown,
  revisionTableShared,
  revisionTableSeveralDirectories,
  revisionTableIncomplete,
  revisionTableElsewhere,
  revisionOrder,
  migrationInProgress,
  databaseError,
]

/** Ids of the rules that deny the write from `before` (null: a create) to the situation. */
function denials(situation: Situation): readonly string[] {
  const facts = buildFacts(situation)
  const before = facts.before && evaluateRules(facts.before, rules)
  return introduced(before, evaluateRules(facts, rules))
    .filter(found => found.introduced && severityOf(found) === 'deny')
    .map(found => found.rule.id)
}

const all = files('20250101_a', '20250103_b', '20250105_c', '20250107_d')
const rows = rowsOf(all)
const newer = files('20250109_e')
const seed = files('20250110_s', '20250111_t')
const merged = { ...all, ...seed }
const both = inVersionOrder(rows, rowsOf(seed))
const squash = checkpoint('20250106_squash')
const failed = { ...all, '20250107_d.sql': 'CREATE TABLE wrong (id int);\n' }
const notClean = 'found schema "public"'
const allowed = { protectedFlows: { migrateDown: { allow: true, autoApprove: true } } }
const lost = (...names: readonly string[]): Files => files(...names)

function unrun(row: Revision, type: 1 | 4): Revision {
  return { ...row, type, applied: 0, total: 0, hash: type === 1 ? '' : row.hash }
}

/** Name: one line of the promise, and its situation. */
type Case = [name: string, situation: Situation]

const never: readonly Case[] = [
  ['an unchanged object with an old problem', same({ files: lost('20250101_a'), rows })],
  [
    'an unchanged object with a shared table',
    same({ files: all, rows: both, sharing: [sharing('seed', seed)] }),
  ],
  ['an unchanged object on a database that is not clean', same({ files: all, notClean })],
  [
    'an unchanged object with an edited file',
    same({ files: { ...all, '20250101_a.sql': 'SELECT 1;\n' }, rows }),
  ],
  [
    'an unchanged object with a file that never runs',
    same({ files: { ...all, ...files('2024_x') }, rows }),
  ],
  [
    'an AtlasMigration before its ConfigMap',
    { directory: { kind: 'configmap-missing', name: 'later', similar: [] }, rows },
  ],
  [
    'an AtlasMigration before its Secret',
    { files: all, unresolved: true, table: { kind: 'unread' } },
  ],
  [
    'a database that cannot be read',
    { files: all, table: { kind: 'failed', failure: 'unreachable', message: 'no route' } },
  ],
  [
    'the same database with another revisionsSchema and a baseline',
    {
      files: seed,
      notClean,
      spec: { revisionsSchema: 'seed', baseline: '20250110' },
      table: { elsewhere: ['atlas_schema_revisions'] },
    },
  ],
  [
    'the same database with a schema-bound URL',
    {
      files: seed,
      target: { boundSchema: 'tenant', revisionsSchema: 'tenant' },
      table: { elsewhere: ['other_tenant'] },
    },
  ],
  ['a first install on an empty database', { files: all }],
  ['one ConfigMap for a database that is behind', { files: all, rows: rows.slice(0, 2) }],
  ['a restored database whose rows match, without a dir-state', { files: all, rows }],
  ['a restored database whose rows match, down allowed', { files: all, rows, spec: allowed }],
  [
    'pointing at another database whose rows match',
    {
      files: all,
      rows,
      dirState: all,
      target: { host: 'new' },
      table: { identity: { system: '9', database: '1', identifier: null } },
      before: { files: all, rows, dirState: all },
    },
  ],
  [
    'pointing at a new, empty database',
    {
      files: all,
      dirState: all,
      status: { lastAppliedVersion: '20250107' },
      target: { host: 'new' },
      table: { identity: { system: '9', database: '1', identifier: null } },
      before: { files: all, rows, dirState: all },
    },
  ],
  [
    'a checkpoint with the old files kept, on an old database',
    { files: { ...all, ...squash }, rows },
  ],
  [
    'a checkpoint with the old files kept, on a database that started from it',
    { files: { ...all, ...squash }, rows: rowsOf({ ...all, ...squash }, ['20250106', '20250107']) },
  ],
  [
    'a checkpoint whose old files went, on a database that started from it',
    {
      files: { ...squash, ...files('20250107_d'), ...newer },
      rows: rowsOf({ ...all, ...squash }, ['20250106', '20250107']),
    },
  ],
  [
    'a baseline row and files before it',
    {
      files: { ...files('2024_x'), ...all },
      rows: rowsOf({ ...files('2024_x'), ...all })
        .slice(1)
        .map((row, i) => (i === 0 ? unrun(row, 1) : row)),
    },
  ],
  ['rows set by hand', { files: all, rows: rows.map(row => unrun(row, 4)) }],
  [
    'a first row set by hand and a file before it',
    { files: { ...files('2024_x'), ...all }, rows: rows.map(row => unrun(row, 4)) },
  ],
  [
    'an allowed rollback that the dir-state covers',
    {
      files: lost('20250101_a', '20250103_b'),
      rows,
      spec: allowed,
      dirState: all,
      before: { files: all, rows, spec: allowed, dirState: all },
    },
  ],
  [
    'a re-apply right after that rollback, with the status of before',
    {
      files: lost('20250101_a', '20250103_b'),
      rows: rows.slice(0, 2),
      spec: allowed,
      dirState: all,
      status: { lastAppliedVersion: '20250107' },
    },
  ],
  [
    'turning allow off',
    { files: lost('20250101_a'), rows, before: { files: lost('20250101_a'), rows, spec: allowed } },
  ],
  [
    'replacing one AtlasMigration by another name',
    { files: all, rows, sharing: [sharing('old', all)] },
  ],
  [
    'replacing it with more files in the same sync',
    { files: { ...all, ...newer }, rows, sharing: [sharing('old', all)] },
  ],
  [
    'the consolidation while the old object still exists',
    {
      files: merged,
      rows: both,
      dirState: all,
      sharing: [sharing('seed', seed)],
      before: { files: all, rows: both, dirState: all, sharing: [sharing('seed', seed)] },
    },
  ],
  [
    'the consolidation as a new object beside both old ones',
    { files: merged, rows: both, sharing: [sharing('seed', seed), sharing('schema', all)] },
  ],
  [
    'own revisionsSchema and baseline for a directory that shared the table',
    {
      files: seed,
      notClean,
      dirState: seed,
      spec: { revisionsSchema: 'seed', baseline: '20250111' },
      table: { elsewhere: ['atlas_schema_revisions'] },
      before: { files: seed, rows: both, dirState: seed, sharing: [sharing('schema', all)] },
    },
  ],
  ['a remote directory', { directory: { kind: 'remote' }, rows }],
  [
    'a custom config that cannot be read',
    { files: lost('20250101_a'), rows, config: { kind: 'unreadable' } },
  ],
  [
    'a custom config that names another directory',
    {
      files: lost('20250101_a'),
      rows,
      config: {
        kind: 'read',
        document: parseHcl('env "kubernetes" {\n  migration {\n    dir = "file://other"\n  }\n}\n'),
      },
    },
  ],
  [
    'a half-failed file that was repaired, and whose row keeps the old hash',
    { files: all, rows: [...rows.slice(0, 3), ...rowsOf(failed, ['20250107'])], dirState: all },
  ],
  [
    'the first of two steps of a repair',
    {
      files: lost('20250101_a', '20250103_b', '20250105_c'),
      rows,
      before: { files: lost('20250101_a', '20250103_b'), rows },
    },
  ],
  [
    'the last step of a repair beside an old file that never runs',
    {
      files: { ...files('2024_x'), ...all },
      rows,
      before: { files: { ...files('2024_x'), ...lost('20250101_a') }, rows },
    },
  ],
  [
    'a new file while an old gap stays',
    {
      files: { ...lost('20250101_a', '20250105_c', '20250107_d'), ...newer },
      rows,
      before: { files: lost('20250101_a', '20250105_c', '20250107_d'), rows },
    },
  ],
  [
    'taking a new file back while an old gap stays',
    {
      files: lost('20250101_a', '20250105_c', '20250107_d'),
      rows,
      before: { files: { ...lost('20250101_a', '20250105_c', '20250107_d'), ...newer }, rows },
    },
  ],
  [
    'a second late file put right while the first stays',
    {
      files: { ...all, ...files('20250104_x', '20250109_y') },
      rows,
      before: { files: { ...all, ...files('20250104_x', '20250104a_y') }, rows },
    },
  ],
]

function same(situation: Situation): Situation {
  return { ...situation, before: situation }
}

void t.test('is never denied by the live revisions table', t => {
  for (const [name, situation] of never) t.same(denials(situation), [], name)
  t.end()
})

/** The promises above must not hold because nothing is ever denied. */
const denied: readonly [name: string, situation: Situation, by: readonly string[]][] = [
  [
    'a lost file',
    { files: lost('20250101_a'), rows, before: { files: all, rows } },
    ['migrate-down-predicted'],
  ],
  [
    'a second lost file',
    {
      files: lost('20250101_a'),
      rows,
      before: { files: lost('20250101_a', '20250103_b'), rows },
    },
    ['migrate-down-predicted'],
  ],
  [
    'a second directory whose files are all newer',
    { files: seed, rows, sharing: [sharing('schema', all)] },
    ['applied-file-missing', 'revision-table-shared'],
  ],
  [
    'allowing down without a dir-state',
    { files: lost('20250101_a'), rows, spec: allowed, before: { files: lost('20250101_a'), rows } },
    ['migrate-down-unsafe'],
  ],
]

void t.test('is denied by the live revisions table', t => {
  for (const [name, situation, by] of denied) t.same(denials(situation), by, name)
  t.end()
})
