import type { DatabaseAccess } from '../../../src/policy/facts/database-access.js'
import { databaseReadOnly } from '../../../src/policy/rules/database-read-only.js'
import { files, rowsOf } from '../facts/facts-builder.js'
import { judge } from './judge.js'

const access: DatabaseAccess = {
  role: 'app',
  standby: false,
  readOnly: false,
  schemaMissing: false,
  lacking: [],
}
const standby = { access: { ...access, standby: true } }
const readOnly = { access: { ...access, readOnly: true } }
const both = files('1', '2')
const rows = rowsOf(both, ['1'])
const bare = { ...files('1'), '2.sql': '-- atlas:txmode none\n\nCREATE TABLE t (id int);\n' }

// What Atlas's command line (community, commit a5e0aecc) did on PostgreSQL 15 with
// default_transaction_read_only = on: it made no schema ("cannot execute CREATE SCHEMA in a read-only
// transaction"), wrote no row for a file with txmode none ("cannot execute INSERT ..."), and applied
// every other file, also where it had to make the table in a schema that was there.
judge(databaseReadOnly, [
  [
    'a standby with a file pending',
    { rows, files: both, table: standby },
    { severity: 'warn', subjects: ['standby'], says: /is a standby/ },
  ],
  ['a standby with nothing pending', { rows: rowsOf(both), files: both, table: standby }, null],
  [
    'a read-only default and a file in a transaction, which runs nevertheless',
    { rows, files: both, table: readOnly },
    {
      severity: 'warn',
      subjects: ['read-only'],
      says: /READ WRITE, so the pending files would run/,
    },
  ],
  [
    'a read-only default and a file without a transaction',
    { rows: rowsOf(bare, ['1']), files: bare, table: readOnly },
    { severity: 'warn', subjects: ['read-only'], says: /Atlas cannot run 2.sql/ },
  ],
  [
    'a read-only default and no schema for the table',
    { rows: null, files: both, table: { access: { ...readOnly.access, schemaMissing: true } } },
    { severity: 'warn', subjects: ['read-only'], says: /Atlas cannot make the schema/ },
  ],
  [
    'a read-only default with nothing pending',
    { rows: rowsOf(both), files: both, table: readOnly },
    null,
  ],
  ['neither', { rows, files: both, table: { access } }, null],
])
