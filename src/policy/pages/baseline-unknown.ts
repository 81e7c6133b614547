import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const baselineUnknown: RulePage = {
  example: {
    situation: 'The baseline is a file name, not a version.',
    manifests: exampleMigration(`${plainSpec}
baseline: 20250101_customers`),
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250102_orders.sql'] },
    table: { ran: null, notClean: 'found schema "shop"' },
    message: [
      '[baseline-unknown] AtlasMigration shop/shop: baseline 20250101_customers is no version in the directory; fix: set spec.baseline to the version of a file',
      '- [baseline-unknown] AtlasMigration shop/shop: baseline 20250101_customers is no version in the directory; expected: the version of a migration file that is no checkpoint; fix: set spec.baseline to the version of a file',
      '- [baseline-unknown] Atlas would say: baseline version "20250101_customers" not found',
    ],
  },
  steps: [
    'Set `spec.baseline` to the version alone, the text before the first `_`, in quotes.',
    'Choose a file that is no checkpoint: Atlas takes none as a baseline.',
    'Once there are rows, remove it: it is not looked at any more.',
  ],
  milder: ['There are rows, so the baseline is ignored.'],
  notes: [
    'A file that was squashed since may be named by an old baseline: with rows that is harmless.',
  ],
}
