import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const revisionTableSeveralDirectories: RulePage = {
  example: {
    situation:
      'A pipeline, or another cluster, runs a second directory on the same database; no AtlasMigration here does.',
    manifests: exampleMigration(plainSpec),
    directories: {
      'shop-migrations': [
        '20250101_customers.sql',
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
      '[revision-table-several-directories] AtlasMigration shop/shop: several directories wrote this revisions table; this one has no file for 20250102 and 20250104; fix: find the other directory and merge both: atlas-admission consolidate',
    ],
  },
  steps: [
    'Find who writes the other rows: their descriptions, times and `operator_version` in the revisions table tell.',
    'Merge both directories, as in [revision-table-shared](revision-table-shared.md), or let the other one use a revisions schema of its own.',
  ],
  milder: [],
  notes: [
    'The proof is in the hashes: each row covers the earlier files of its own directory. Rows at the end prove nothing, and are not claimed.',
    'A directory that has a file for every row is the union of what ran, and is not reported.',
  ],
}
