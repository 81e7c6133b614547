import { baselineRequired } from '../../../src/policy/rules/baseline-required.js'
import { firstRunCollides } from '../../../src/policy/rules/first-run-collides.js'
import { files, rowsOf } from '../facts/facts-builder.js'
import type { Situation } from '../facts/facts-builder.js'
import { judge } from './judge.js'

const all = files('20250201_x', '20250202_y')
const rows = rowsOf(all)
const neighbours = [{ name: 'app/a', revisionsSchema: 'rev_a' }]
const spec = { revisionsSchema: 'rev_b' }
const both: Situation = { files: all, spec, neighbours }

/**
 * The real engine: whichever runs second stops with "connected database is not clean" and leaves an
 * empty table. With a schema of its own in the URL, or an empty file as the baseline, it runs all.
 */
judge(firstRunCollides, [
  [
    'warns of another first run in one empty database',
    both,
    {
      severity: 'warn',
      subjects: ['app/a'],
      says: /CREATE SCHEMA schema.*search_path=schema.*empty file 00000000_baseline.sql/s,
      neverSays: /version that it is at/,
    },
  ],
  [
    'tells only that there is one in another namespace',
    { ...both, neighbours: [{ name: null, revisionsSchema: 'rev_a' }] },
    { severity: 'warn', subjects: ['an AtlasMigration of another namespace'] },
  ],
  [
    'warns also where an empty table is there already',
    { ...both, rows: [] },
    { severity: 'warn', subjects: ['app/a'] },
  ],
  ['says nothing of one alone', { files: all, spec }, null],
  [
    'says nothing with a URL that names a schema',
    { ...both, target: { boundSchema: 'svc', revisionsSchema: 'svc' } },
    null,
  ],
  [
    'says nothing with a baseline',
    {
      ...both,
      files: { '00000000_b.sql': '', ...all },
      spec: { ...spec, baseline: '00000000' },
    },
    null,
  ],
  ['says nothing once it ran', { ...both, rows }, null],
  ['leaves a database that is not clean to its own rule', { ...both, notClean: 'x' }, null],
  ['says nothing of a directory without a file', { ...both, files: {} }, null],
])

judge(baselineRequired, [
  [
    'says whom the database is shared with',
    {
      ...both,
      notClean: 'found schema "public"',
      table: {
        content: {
          schemas: [
            { name: 'public', tables: ['t'] },
            { name: 'rev_a', tables: ['atlas_schema_revisions'] },
          ],
          isWhole: true,
        },
      },
    },
    {
      severity: 'deny',
      subjects: ['7123/16384/rev_b'],
      says: /app\/a uses this database too/,
      neverSays: /version that it is at|revisionsSchema to/,
    },
  ],
])
