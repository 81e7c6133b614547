import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const versionDuplicate: RulePage = {
  example: {
    situation:
      'Two branches made a file on the same day, with the date as the version, and both were merged.',
    manifests: exampleMigration(plainSpec),
    directories: {
      'shop-migrations': ['20250101_customers.sql', '20250102_invoices.sql', '20250102_orders.sql'],
    },
    table: { ran: [['20250101_customers.sql']] },
    message: [
      '[version-duplicate] AtlasMigration shop/shop: 20250102_invoices.sql and 20250102_orders.sql share version 20250102; fix: give the newer file a newer version and run `atlas migrate hash`',
      '- [version-duplicate] AtlasMigration shop/shop: 20250102_invoices.sql and 20250102_orders.sql share version 20250102; expected: one file per version (the text before the first "_"); fix: give the newer file a newer version and run `atlas migrate hash`',
    ],
  },
  steps: [
    'Find out which of the files ran: the description in the row of that version tells.',
    'Give the other one a version newer than every row, and run `atlas migrate hash`.',
    'Have `atlas migrate new` make the versions: it takes the time to the second.',
  ],
  milder: [],
  notes: [
    'The version is the text before the first `_`: `1_a.sql` and `1_b.sql` share one, `1_a.sql` and `01_b.sql` do not.',
  ],
}
