import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const revisionTableSeveralDirectories: RulePage = {
  example: {
    situation:
      'Two directories were merged, but not all: the files of the second one still lack 20250104, and no other AtlasMigration is known to have it.',
    manifests: exampleMigration(plainSpec),
    directories: {
      'shop-migrations': [
        '20250101_customers.sql',
        '20250102_currencies.sql',
        '20250103_orders.sql',
        '20250105_invoices.sql',
        '20250107_payments.sql',
      ],
    },
    table: {
      ran: [
        [
          '20250101_customers.sql',
          '20250103_orders.sql',
          '20250105_invoices.sql',
          '20250107_payments.sql',
        ],
        ['20250102_currencies.sql', '20250104_countries.sql'],
      ],
    },
    message: [
      '[revision-table-several-directories] AtlasMigration shop/shop: several directories wrote this revisions table; this one has no file for 20250104; fix: find the other directory and merge both: atlas-admission consolidate',
    ],
  },
  steps: [
    'Find who writes the other rows: their descriptions, times and `operator_version` in the revisions table tell.',
    'Merge both directories, as in [revision-table-shared](revision-table-shared.md), or let the other one use a revisions schema of its own.',
  ],
  milder: [],
  notes: [
    'The proof is in the hashes: each row covers the earlier files of its own directory, and two rows here began a directory each. One row without a file proves nothing: its file may have been removed.',
    'A directory that has a file for every row is the union of what ran, and is not reported.',
  ],
}
