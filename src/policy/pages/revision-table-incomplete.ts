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
      '[revision-table-incomplete] AtlasMigration shop/shop: this AtlasMigration ran 20250102 before, but the revisions table has no such row; fix: restore the revisions table with the database',
      '- [revision-table-incomplete] AtlasMigration shop/shop: this AtlasMigration ran 20250102 before, but the revisions table has no such row; expected: a revisions table with every version that ran; fix: restore the revisions table with the database',
      '- [revision-table-incomplete] If this really is another, older database: create a new AtlasMigration for it, and leave this one',
    ],
  },
  steps: [
    'Restore the revisions table with the database, from the same backup.',
    'If the backup is older, restore a newer one: otherwise the files run again, on data that may have them.',
    'If this really is another, older database, make a new AtlasMigration for it.',
  ],
  milder: ['This write does not name another database or table.'],
  notes: [
    'An empty database without a revisions table has lost nothing: there everything runs, from the first file on.',
  ],
}
