import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

const moved = plainSpec.replace('shop-database', 'shop-database-new')

export const revisionTableIncomplete: RulePage = {
  example: {
    situation:
      'The database moved to another server, from a backup that was older than its last migration.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleMigration(moved)}`,
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250102_orders.sql'] },
    dirState: ['20250101_customers.sql', '20250102_orders.sql'],
    formerTable: { ran: [['20250101_customers.sql', '20250102_orders.sql']] },
    table: { ran: [['20250101_customers.sql']] },
    message: [
      '[revision-table-incomplete] AtlasMigration shop/shop: the old database ran 20250102, but the revisions table of the new one has no such row; fix: restore the revisions table with the database',
      '- [revision-table-incomplete] AtlasMigration shop/shop: the old database ran 20250102, but the revisions table of the new one has no such row; expected: a revisions table with every row of the old one; fix: restore the revisions table with the database',
      '- [revision-table-incomplete] If this really is another, older database: create a new AtlasMigration for it, and leave this one',
      '- [revision-table-incomplete] `atlas-admission compare` of both databases names every difference, and the command that copies the table',
    ],
  },
  steps: [
    'Restore the revisions table with the database, from the same backup.',
    'If the backup is older, restore a newer one: otherwise the files run again, on data that may have them.',
    'If this really is another, older database, make a new AtlasMigration for it.',
  ],
  milder: ['This write does not name another database or table.'],
  notes: [
    'When the write names another database and both can be read, their two tables are compared. The old one gets half a second; where it does not answer, the status and the stored directory of the operator tell what ran.',
    'A new database that is empty and clean gets a warning only: everything runs there, from the first file on.',
    'An empty database without a revisions table has lost nothing: there everything runs, from the first file on.',
  ],
}
