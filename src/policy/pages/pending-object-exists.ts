import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const pendingObjectExists: RulePage = {
  example: {
    situation:
      'A copy of a database has its tables, and lacks the newer rows of its revisions table.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250102_orders.sql'] },
    table: { ran: [['20250101_customers.sql']], holds: ['t_20250102_orders'] },
    message: [
      '[pending-object-exists] AtlasMigration shop/shop: 20250102_orders.sql creates table public.t_20250102_orders, which is there already: it fails; fix: compare the database with the pending files; if they ran there, restore the rows of its revisions table',
    ],
  },
  steps: [
    'Compare the database with the pending files. Was it restored, copied, or changed by hand?',
    'If the files ran on the database that it was copied from, copy the rows of the revisions table too: `atlas-admission compare` writes what is missing.',
    'If everything up to a file is there and no rows can be copied, record it: `atlas migrate set VERSION` with the same URL. It counts every file up to that version as run, so look at those that insert or change rows first.',
    'If the object is another one that happens to have the name, rename the new one in the file, which has not run here, and run `atlas migrate hash`.',
  ],
  milder: [],
  notes: [
    'Asked for are tables, views, sequences, types, schemas, indexes, columns, constraints, extensions and roles; at most 200 names, and only while files are pending.',
    'Nothing is said behind a statement that may change what a name stands for: another `search_path` or role, DO blocks, DROP ... CASCADE, RENAME, SET SCHEMA, or a DROP of the object itself.',
    'With IF NOT EXISTS or OR REPLACE nothing is said, though the object may be another one than the file would make. Functions, triggers and policies are not looked for.',
  ],
}
