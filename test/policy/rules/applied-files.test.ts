import t from 'tap'
import { appliedFileEdited } from '../../../src/policy/rules/applied-file-edited.js'
import { appliedFileMissing } from '../../../src/policy/rules/applied-file-missing.js'
import { fileNeverRuns } from '../../../src/policy/rules/file-never-runs.js'
import { fileOutOfOrder } from '../../../src/policy/rules/file-out-of-order.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import { knownDirectories } from '../../../src/policy/history/file-lineage.js'
import {
  buildFacts,
  checkpoint,
  files,
  inVersionOrder,
  rowsOf,
  sharing,
} from '../facts/facts-builder.js'
import type { Files } from '../facts/facts-builder.js'
import { evaluateRules, introduced } from '../../../src/policy/enforcement/verdict.js'
import { judge } from './judge.js'
import type { Case } from './judge.js'

const all = files('20250101_a', '20250103_b', '20250105_c', '20250107_d')
const [a, b, c, d] = ['20250101', '20250103', '20250105', '20250107'] as const
const rows = rowsOf(all)
const newer = files('20250109_e')
const late = files('20250104_late')
const oldest = files('20240101_old')
const withGap = files('20250101_a', '20250105_c', '20250107_d')
const allowed = { protectedFlows: { migrateDown: { allow: true, autoApprove: true } } }
const squash = checkpoint('20250106_squash')

function edit(data: Files, name: string): Files {
  return { ...data, [`${name}.sql`]: `${data[`${name}.sql`]}SELECT 1;\n` }
}

/** A row that `migrate apply --baseline` or `migrate set` writes: nothing ran (recorded rows). */
function unrun(row: Revision | undefined, type: 1 | 4): readonly Revision[] {
  return row ? [{ ...row, type, applied: 0, total: 0, hash: type === 1 ? '' : row.hash }] : []
}

const missing: readonly Case[] = [
  ['says nothing when every row has its file', { files: all, rows }, null],
  ['says nothing on a first run', { files: all, rows: null }, null],
  ['leaves what is down now to its own rule', { files: withGap, rows }, null],
  ['says nothing when the directory is not there', { directory: { kind: 'none' }, rows }, null],
  [
    'denies a lost file that a new file hides for one reconcile',
    { files: { ...withGap, ...newer }, rows, dirState: all },
    { severity: 'deny', subjects: [b], says: /removed.*Ready now, down at the next/s },
  ],
  [
    'says when that later down would run by itself',
    { files: { ...withGap, ...newer }, rows, spec: allowed },
    { severity: 'deny', subjects: [b], says: /would run on its own/ },
  ],
  [
    'denies lost files that as many never-run files hide',
    { files: { ...withGap, ...oldest }, rows },
    { severity: 'deny', subjects: [b], says: /Ready only because the counts match/ },
  ],
  [
    'denies a lost file when the operator stops for another reason',
    { files: { ...withGap, ...late, ...newer }, rows },
    { severity: 'deny', subjects: [b] },
  ],
  [
    'denies the rows of another directory that a new file hides',
    {
      files: { ...all, ...newer },
      rows: inVersionOrder(rows, rowsOf(files('20250108_seed'))),
      sharing: [sharing('seed', files('20250108_seed'))],
      dirState: all,
    },
    { severity: 'deny', subjects: ['20250108'], says: /app\/seed/ },
  ],
  [
    'names every cause',
    {
      files: { ...withGap, ...newer },
      rows: inVersionOrder(rows, rowsOf(files('20250108_seed'))),
      dirState: all,
    },
    { severity: 'deny', subjects: [b, '20250108'], says: /Also: .*20250108/ },
  ],
  [
    'denies a squash that goes down after the next file',
    { files: { ...squash, ...files('20250107_d'), ...newer }, rows },
    { severity: 'deny', subjects: [a, b, c], says: /keep the old files beside the checkpoint/ },
  ],
  [
    'warns of a squash that does not lower the count',
    { files: { ...files('20250103_b', '20250105_c', '20250107_d'), ...squash }, rows },
    { severity: 'warn', subjects: [a] },
  ],
  [
    'warns of a baseline row whose file is gone when no down follows',
    {
      files: { ...files('20250103_b', '20250105_c', '20250107_d'), ...oldest },
      rows: [...unrun(rows[0], 1), ...rows.slice(1)],
    },
    { severity: 'warn', subjects: [a] },
  ],
  [
    'denies it when down follows',
    {
      files: { ...files('20250103_b', '20250105_c', '20250107_d'), ...newer },
      rows: [...unrun(rows[0], 1), ...rows.slice(1)],
    },
    { severity: 'deny', subjects: [a] },
  ],
  [
    'leaves a partial last row without its file to its own rule',
    {
      files: files('20250101_a', '20250103_b', '20250105_c'),
      rows: rows.map(row => (row.version === d ? { ...row, applied: 0 } : row)),
    },
    null,
  ],
  [
    'warns when the gap was down before this write added a file',
    { files: { ...withGap, ...newer }, rows, before: { files: withGap, rows } },
    { severity: 'warn', subjects: [b] },
  ],
  [
    'denies a second gap',
    {
      files: { ...files('20250101_a', '20250107_d'), ...newer, ...files('20250110_f') },
      rows,
      before: { files: withGap, rows },
    },
    { severity: 'deny', subjects: [b, c] },
  ],
]

const failed = edit(all, '20250107_d')
const repaired = rowsOf(failed, [d])[0]
const repairedRows = [...rows.slice(0, 3), ...(repaired ? [repaired] : [])]

const mapped = (data: Files, change: (text: string) => string): Files =>
  Object.fromEntries(Object.entries(data).map(([name, text]) => [name, change(text)]))
const withCrlf = (data: Files) => mapped(data, text => text.replaceAll('\n', '\r\n'))
const withoutNewline = (data: Files) => mapped(data, text => text.trimEnd())

/** The rows of two directories that ran in turns, and are one directory now. */
const schema = files('1_a', '3_c', '5_e', '7_g')
const seed = files('2_b', '4_d', '6_f')
const inTurns = inVersionOrder(rowsOf(schema), rowsOf(seed))

const edited: readonly Case[] = [
  ['says nothing when every hash fits', { files: all, rows }, null],
  ['says nothing when the table is not known', { files: all, table: { kind: 'unread' } }, null],
  [
    'says nothing of files that did not run',
    { files: edit({ ...all, ...newer }, '20250109_e'), rows },
    null,
  ],
  [
    'says nothing of a consolidated directory',
    {
      files: { ...all, ...files('20250102_s', '20250106_t') },
      rows: inVersionOrder(rows, rowsOf(files('20250102_s', '20250106_t'))),
    },
    null,
  ],
  [
    'denies an edit, and names the first edited file only',
    { files: edit(all, '20250103_b'), rows },
    {
      severity: 'deny',
      subjects: ['20250103_b.sql'],
      says: /since then changed: 20250103_b.sql$/m,
    },
  ],
  [
    'tells line breaks of all files by the hashes of the rows alone',
    { files: withCrlf(all), rows },
    {
      severity: 'deny',
      subjects: Object.keys(all),
      says: /changed in line breaks only \(CRLF now\): all 4 files.*restore the text as it ran, and run/s,
    },
  ],
  [
    'tells line breaks by the texts before the write',
    { files: withCrlf(all), rows, before: { files: all, rows } },
    { severity: 'deny', subjects: Object.keys(all), says: /line breaks only .*: all 4 files/ },
  ],
  [
    'tells line breaks by the dir-state',
    { files: withCrlf(all), rows, dirState: all },
    { severity: 'deny', subjects: Object.keys(all), says: /line breaks only .*: all 4 files/ },
  ],
  [
    'tells a lost final newline, beside a file that did not run',
    { files: { ...withoutNewline(all), ...newer }, rows },
    {
      severity: 'deny',
      subjects: Object.keys(all),
      says: /changed in the final newline only \(lost\): 20250101_a.sql, .* and 1 more/,
    },
  ],
  [
    'tells two changes of blanks at once',
    { files: withCrlf(withoutNewline(mapped(all, text => `  ${text}`))), rows, dirState: all },
    {
      severity: 'deny',
      subjects: Object.keys(all),
      says: /changed in blanks and line breaks only: all 4 files/,
    },
  ],
  [
    'tells a byte order mark',
    { files: mapped(all, text => `\uFEFF${text}`), rows },
    {
      severity: 'deny',
      subjects: Object.keys(all),
      says: /in a byte order mark only \(new\): all 4/,
    },
  ],
  [
    'tells an edit among files with other line breaks',
    { files: edit(withCrlf(all), '20250103_b'), rows, before: { files: all, rows } },
    {
      severity: 'deny',
      subjects: Object.keys(all),
      says: /since then changed: 20250101_a.*Changed in line breaks only \(CRLF now\): 20250101_a.sql, 20250105_c.sql and 20250107_d.sql/s,
    },
  ],
  [
    'does not take an edit for line breaks where only hashes tell',
    { files: edit(withCrlf(all), '20250103_b'), rows },
    { severity: 'deny', subjects: ['20250101_a.sql'], neverSays: /line breaks/ },
  ],
  [
    'tells a comment that came in front of a statement',
    {
      files: { ...all, '20250103_b.sql': `-- The orders.\n${all['20250103_b.sql']}` },
      rows,
      before: { files: all, rows },
    },
    {
      severity: 'deny',
      subjects: ['20250103_b.sql'],
      says: /changed in comments only: 20250103_b.sql.*The statements are the same/s,
    },
  ],
  [
    'tells a comment that came to the end',
    {
      files: { ...all, '20250103_b.sql': `${all['20250103_b.sql']}-- The end.\n` },
      rows,
      dirState: all,
    },
    { severity: 'deny', subjects: ['20250103_b.sql'], says: /comments only/ },
  ],
  [
    'takes no directive for a comment',
    {
      files: { ...all, '20250103_b.sql': `-- atlas:txmode none\n\n${all['20250103_b.sql']}` },
      rows,
      before: { files: all, rows },
    },
    { severity: 'deny', subjects: ['20250103_b.sql'], neverSays: /comments only/ },
  ],
  [
    'denies an edit that the write at hand makes',
    { files: edit(all, '20250101_a'), rows, before: { files: all, rows } },
    { severity: 'deny', subjects: ['20250101_a.sql'] },
  ],
  [
    'warns of an old edit when the write at hand changes another file',
    {
      files: edit({ ...all, ...newer }, '20250103_b'),
      rows,
      before: { files: edit(all, '20250103_b'), rows },
    },
    { severity: 'warn', subjects: ['20250103_b.sql'] },
  ],
  [
    'denies an edit that a wrong atlas.sum held back so far',
    {
      files: edit(all, '20250103_b'),
      rows,
      before: { files: edit(all, '20250103_b'), rows, wrongSum: true },
    },
    { severity: 'deny', subjects: ['20250103_b.sql'] },
  ],
  [
    'leaves a database on which another text ran to revision-table-incomplete',
    {
      files: edit(all, '20250103_b'),
      rows,
      table: { identity: { system: '9', database: '5', identifier: null } },
      before: { files: edit(all, '20250103_b'), rows: rowsOf(edit(all, '20250103_b')) },
    },
    null,
  ],
  [
    'denies an edit against the dir-state',
    { files: edit(all, '20250103_b'), rows, dirState: all },
    { severity: 'deny', subjects: ['20250103_b.sql'] },
  ],
  [
    'says nothing when the dir-state has the same bytes: a failed file was repaired',
    { files: all, rows: repairedRows, dirState: all },
    null,
  ],
  [
    'warns when the dir-state cannot be read',
    { files: edit(all, '20250103_b'), rows, dirState: { kind: 'unreadable', reason: 'no gzip' } },
    { severity: 'warn', subjects: ['20250103_b.sql'] },
  ],
  [
    'warns when the file may have failed half-way and been repaired',
    {
      files: { ...all, '20250107_d.sql': `-- atlas:txmode none\n\n${all['20250107_d.sql']}` },
      rows: repairedRows,
    },
    {
      severity: 'warn',
      subjects: ['20250107_d.sql'],
      says: /perhaps changed \(or repaired, or/,
    },
  ],
  [
    'says nothing of a partial row that is being repaired',
    {
      files: all,
      rows: repairedRows.map(row => (row.version === d ? { ...row, applied: 0 } : row)),
    },
    null,
  ],
  [
    'warns of a renamed file',
    {
      files: {
        ...files('20250101_a', '20250105_c', '20250107_d'),
        '20250103_renamed.sql': all['20250103_b.sql'] ?? '',
      },
      rows,
    },
    { severity: 'warn', subjects: ['20250103_renamed.sql'], says: /since then renamed/ },
  ],
  [
    'warns of a file that got a description after it ran',
    { files: { '20250101_a.sql': 'SELECT 1;\n' }, rows: rowsOf({ '20250101.sql': 'SELECT 1;\n' }) },
    { severity: 'warn', subjects: ['20250101_a.sql'], says: /since then renamed/ },
  ],
  [
    'says nothing of two directories that are one now',
    { files: { ...schema, ...seed }, rows: inTurns },
    null,
  ],
  [
    'denies an edit in two directories that are one now',
    { files: edit({ ...schema, ...seed }, '4_d'), rows: inTurns },
    {
      severity: 'deny',
      subjects: ['4_d.sql'],
      says: /applied here, and since then changed: 4_d.sql$/m,
    },
  ],
  [
    'warns of it where a row of them has no file, which may be what is gone',
    { files: edit({ ...schema, ...files('2_b', '4_d') }, '4_d'), rows: inTurns },
    { severity: 'warn', subjects: ['4_d.sql'] },
  ],
  [
    'warns where linear-skip may have left a late file without a row',
    {
      files: all,
      rows: rowsOf({ ...all, ...late }, [a, b, c, d]),
      spec: { execOrder: 'linear-skip' },
    },
    { severity: 'warn', subjects: ['20250105_c.sql'] },
  ],
  [
    'denies two edits in two directories that their texts prove',
    {
      files: edit(edit({ ...all, ...files('20250102_s') }, '20250107_d'), '20250102_s'),
      rows: inVersionOrder(rows, rowsOf(files('20250102_s'))),
      sharing: [sharing('all', { ...all, ...files('20250102_s') }), sharing('cloud', null)],
    },
    {
      severity: 'deny',
      subjects: ['20250107_d.sql', '20250102_s.sql'],
      says: /since then changed: 20250107_d.sql and 20250102_s.sql/,
    },
  ],
  [
    'warns when files that a baseline skipped may be gone',
    {
      files: files('20250105_c', '20250107_d'),
      rows: [...unrun(rows[2], 1), ...rows.slice(3)],
    },
    { severity: 'warn', subjects: ['20250107_d.sql'] },
  ],
  [
    'warns when files before a checkpoint may be gone',
    {
      files: { ...squash, ...newer },
      rows: rowsOf({ ...all, ...squash, ...newer }, ['20250106', '20250109']),
    },
    { severity: 'warn', subjects: ['20250106_squash.sql'] },
  ],
  [
    'denies an edit behind an explained row, baseline or not',
    {
      files: edit(all, '20250107_d'),
      rows: [...unrun(rows[0], 1), ...rows.slice(1)],
    },
    { severity: 'deny', subjects: ['20250107_d.sql'] },
  ],
  [
    'warns when a checkpoint without a row may be gone',
    {
      files: { ...all, ...checkpoint('20250108_x') },
      rows: rowsOf({ ...all, ...squash }, [a, b, c, d]),
    },
    { severity: 'warn', subjects: ['20250107_d.sql'], says: /an earlier file is gone/ },
  ],
  [
    'denies it nevertheless when the dir-state has other bytes',
    {
      files: { ...all, ...checkpoint('20250108_x') },
      rows: rowsOf({ ...all, ...squash }, [a, b, c, d]),
      dirState: edit(all, '20250107_d'),
    },
    { severity: 'deny', subjects: ['20250107_d.sql'] },
  ],
  [
    'warns when the dir-state does not have the file',
    { files: edit(all, '20250107_d'), rows, dirState: files('20250101_a') },
    { severity: 'warn', subjects: ['20250107_d.sql'] },
  ],
  [
    'denies the edit of the last file of two directories that are one now',
    {
      files: edit({ ...all, ...files('20250102_s', '20250106_t') }, '20250107_d'),
      rows: inVersionOrder(rows, rowsOf(files('20250102_s', '20250106_t'))),
    },
    { severity: 'deny', subjects: ['20250107_d.sql'] },
  ],
  [
    'leaves a version that another migration took to file-never-runs',
    { files: { ...files('20250101_a', '20250103_other', '20250105_c', '20250107_d') }, rows },
    null,
  ],
  [
    'leaves two files of one version to version-duplicate',
    { files: { ...edit(all, '20250103_b'), ...files('20250103_twin') }, rows },
    null,
  ],
]

const outOfOrder: readonly Case[] = [
  ['says nothing when files come in order', { files: { ...all, ...newer }, rows }, null],
  ['says nothing when nothing is known', { files: all, table: { kind: 'unread' } }, null],
  [
    'leaves a late file alone to migrate-down-predicted',
    { files: { ...all, ...late }, rows },
    null,
  ],
  [
    'denies with Atlas’s sentence when linear',
    { files: { ...all, ...late, ...newer }, rows },
    {
      severity: 'deny',
      subjects: ['20250104_late.sql'],
      says: /Atlas would say: migration file 20250104_late.sql was added out of order$/m,
    },
  ],
  [
    'takes linear for the default',
    { files: { ...all, ...late, ...newer }, rows, spec: {} },
    { severity: 'deny', subjects: ['20250104_late.sql'] },
  ],
  [
    'warns that linear-skip leaves it out',
    { files: { ...all, ...late, ...newer }, rows, spec: { execOrder: 'linear-skip' } },
    { severity: 'warn', subjects: ['20250104_late.sql'], says: /for good/ },
  ],
  [
    'warns that non-linear runs it now',
    { files: { ...all, ...late, ...newer }, rows, spec: { execOrder: 'non-linear' } },
    { severity: 'warn', subjects: ['20250104_late.sql'], says: /runs it now/ },
  ],
  [
    'warns when the late file already was a down before a newer one came',
    { files: { ...all, ...late, ...newer }, rows, before: { files: { ...all, ...late }, rows } },
    { severity: 'warn', subjects: ['20250104_late.sql'] },
  ],
  [
    'denies when the order becomes linear',
    {
      files: { ...all, ...late, ...newer },
      rows,
      before: { files: { ...all, ...late, ...newer }, rows, spec: { execOrder: 'non-linear' } },
    },
    { severity: 'deny', subjects: ['20250104_late.sql'] },
  ],
]

const seedAll = files('20240115_s', '20240116_t', '20240117_u', '20240118_v')

const neverRuns: readonly Case[] = [
  ['says nothing when every file ran or is pending', { files: { ...all, ...newer }, rows }, null],
  ['says nothing on a first run', { files: all, rows: [] }, null],
  ['says nothing when nothing is known', { files: all, table: { kind: 'unread' } }, null],
  ['leaves a late file to file-out-of-order', { files: { ...all, ...late, ...newer }, rows }, null],
  [
    'denies a file older than the first row',
    { files: { ...all, ...oldest }, rows },
    {
      severity: 'deny',
      subjects: ['20240101_old.sql'],
      says: /older than the first row \(20250101\)/,
    },
  ],
  [
    'says nothing of files that a baseline covers',
    { files: { ...all, ...oldest }, rows: [...unrun(rows[0], 1), ...rows.slice(1)] },
    null,
  ],
  [
    'says nothing of files that a checkpoint covers',
    { files: { ...all, ...squash }, rows: rowsOf({ ...all, ...squash }, ['20250106', d]) },
    null,
  ],
  [
    'knows a checkpoint that is gone from the dir-state',
    {
      files: all,
      rows: rowsOf({ ...all, ...squash }, ['20250106', d]),
      dirState: { ...all, ...squash },
    },
    null,
  ],
  [
    'warns when the first row was set by hand',
    { files: { ...all, ...oldest }, rows: [...unrun(rows[0], 4), ...rows.slice(1)] },
    { severity: 'warn', subjects: ['20240101_old.sql'] },
  ],
  [
    'warns when the file of the first row is known nowhere, and may have been a checkpoint',
    { files: seedAll, rows },
    { severity: 'warn', subjects: Object.keys(seedAll) },
  ],
  [
    'denies a directory that is older than the rows of another one',
    { files: seedAll, rows, sharing: [sharing('schema', all)] },
    { severity: 'deny', subjects: Object.keys(seedAll) },
  ],
  [
    'denies what linear-skip leaves out',
    { files: { ...all, ...late, ...newer }, rows, spec: { execOrder: 'linear-skip' } },
    {
      severity: 'deny',
      subjects: ['20250104_late.sql'],
      says: /and down follows/,
    },
  ],
  [
    'says nothing of what non-linear runs',
    { files: { ...all, ...late, ...newer }, rows, spec: { execOrder: 'non-linear' } },
    null,
  ],
  [
    'denies a migration under a version that another one has',
    { files: files('20250101_a', '20250103_other', '20250105_c', '20250107_d'), rows },
    {
      severity: 'deny',
      subjects: ['20250103_other.sql'],
      says: /never runs: another migration ran under the version/,
    },
  ],
  [
    'warns when a checkpoint that is gone may explain the strange row',
    {
      files: {
        ...files('20250101_a', '20250103_b', '20250105_c', '20250107_other'),
        ...checkpoint('20250108_x'),
      },
      rows,
    },
    { severity: 'warn', subjects: ['20250107_other.sql'] },
  ],
  [
    'says nothing of a renamed file',
    {
      files: {
        ...files('20250101_a', '20250105_c', '20250107_d'),
        '20250103_renamed.sql': all['20250103_b.sql'] ?? '',
      },
      rows,
    },
    null,
  ],
  [
    'names the certain ones before the uncertain ones',
    {
      files: { ...files('20250101_a', '20250103_other', '20250105_c', '20250107_d'), ...oldest },
      rows: [...unrun(rows[0], 4), ...rows.slice(1)],
    },
    { severity: 'deny', subjects: ['20250103_other.sql'] },
  ],
  [
    'names several reasons',
    {
      files: { ...all, ...oldest, ...late, ...newer },
      rows,
      spec: { execOrder: 'linear-skip' },
    },
    {
      severity: 'deny',
      subjects: ['20250104_late.sql', '20240101_old.sql'],
      says: /Also: 20240101_old.sql never runs/,
    },
  ],
  [
    'warns when a broken atlas.sum hid it before',
    {
      files: { ...all, ...oldest },
      rows,
      before: { files: { ...all, ...oldest }, rows, wrongSum: true },
    },
    { severity: 'warn', subjects: ['20240101_old.sql'] },
  ],
]

const written = rows.map(row => ({ ...row, hash: 'manual' }))
const marked = rows.map(row => ({ ...row, hash: `h1:${row.hash}` }))

/** Rows that a person or another program wrote. The command line of Atlas applies to them as usual. */
const byHand: readonly Case[] = [
  ['says nothing of rows whose hash is none', { files: { ...all, ...newer }, rows: written }, null],
  ['says nothing of hashes with their h1:', { files: { ...all, ...newer }, rows: marked }, null],
  [
    'finds an edit by a hash with its h1:',
    { files: edit(all, '20250103_b'), rows: marked },
    { severity: 'deny', subjects: ['20250103_b.sql'] },
  ],
]

const lagging = rowsOf(all, [a, b])
const fromCheckpoint = { ...squash, ...files('20250107_d') }
const before = { files: all, rows: lagging }

/**
 * The real engine runs 20250107_d.sql and nothing else of `fromCheckpoint` on a database with the
 * rows of a and b, so what 20250105_c.sql does is missing there.
 */
const lost: readonly Case[] = [
  [
    'denies a pending file that is removed in favour of a checkpoint',
    { files: fromCheckpoint, rows: lagging, before },
    {
      severity: 'deny',
      subjects: ['20250105_c.sql'],
      says: /put 20250101_a.sql, 20250103_b.sql and 20250105_c.sql back beside the checkpoint/,
      neverSays: /rename|renaming/,
    },
  ],
  [
    'has the checkpoint made anew where it has the version of an old file',
    { files: { ...checkpoint('20250105_all'), ...files('20250107_d') }, rows: lagging, before },
    { severity: 'deny', subjects: ['20250105_c.sql'], says: /make the checkpoint anew/ },
  ],
  [
    'denies it also when the checkpoint was there before',
    {
      files: fromCheckpoint,
      rows: lagging,
      before: { files: { ...all, ...squash }, rows: lagging },
    },
    { severity: 'deny', subjects: ['20250105_c.sql'] },
  ],
  [
    'lets a database run the checkpoint that has no rows',
    { files: squash, rows: [], before },
    null,
  ],
  [
    'lets everything go that ran',
    { files: fromCheckpoint, rows: rowsOf(all, [a, b, c]), before },
    null,
  ],
  [
    'lets a pending file go without a checkpoint',
    { files: files('20250101_a', '20250103_b', '20250107_d'), rows: lagging, before },
    null,
  ],
  [
    'lets a late file go, which could not run',
    {
      files: { ...all, ...squash },
      rows,
      before: { files: { ...all, ...late, ...squash }, rows },
    },
    null,
  ],
  [
    'lets a pending file go whose statements another one has',
    {
      files: { ...squash, '20250107_cd.sql': Object.values(files('20250105_c')).join('') },
      rows: lagging,
      before,
    },
    null,
  ],
  [
    'lets files go before the checkpoint that the database began with',
    {
      files: { ...squash, ...newer },
      rows: rowsOf({ ...squash, ...newer }),
      before: { files: { ...all, ...squash, ...newer }, rows: rowsOf({ ...squash, ...newer }) },
    },
    null,
  ],
]

judge(appliedFileMissing, missing)
judge(appliedFileEdited, [...edited, ...byHand])
judge(fileOutOfOrder, outOfOrder)
judge(fileNeverRuns, [...neverRuns, ...lost])

void t.test('the directories whose texts may have run leave out the one under review', async t => {
  const unread = buildFacts({ directory: { kind: 'none' }, dirState: all })
  t.equal(knownDirectories(unread).length, 1)
  const facts = buildFacts({ files: all, rows })
  const { directory } = facts
  t.same(knownDirectories({ ...facts, before: { ...facts, directory } }), [])
})

void t.test('an edit that nothing proves is not that of a write', t => {
  const brought = (situation: Parameters<typeof buildFacts>[0]) => {
    const found = evaluateRules(buildFacts(situation), [appliedFileEdited])
    return introduced(null, found).map(finding => finding.introduced)
  }
  const unreadable = { kind: 'unreadable', reason: 'no gzip' } as const
  t.strictSame(brought({ files: edit(all, '20250103_b'), rows, dirState: unreadable }), [false])
  t.strictSame(brought({ files: edit(all, '20250103_b'), rows }), [true])
  t.end()
})
