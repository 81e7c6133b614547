import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const versionWidth: RulePage = {
  example: {
    situation: 'Versions are plain numbers, and the tenth file comes.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations': ['8_customers.sql', '9_orders.sql', '10_invoices.sql'] },
    table: { ran: [['8_customers.sql', '9_orders.sql']] },
    message: [
      '[version-width] AtlasMigration shop/shop: 10_invoices.sql sorts before 8_customers.sql, although its number is greater; fix: pad the versions of files that never ran, and run `atlas migrate hash`',
    ],
  },
  steps: [
    'If none of the files ran anywhere, pad all versions to one length: `008_`, `009_`, `010_`.',
    'Otherwise leave the names of files that ran as they are, and go on with a letter, which sorts after every digit: `v0010_`, `v0011_`.',
    'Run `atlas migrate hash`.',
  ],
  milder: [],
  notes: [
    'What it leads to is said by other rules: [migrate-down-predicted](migrate-down-predicted.md), [file-never-runs](file-never-runs.md).',
    'Versions with letters are not compared.',
  ],
}
