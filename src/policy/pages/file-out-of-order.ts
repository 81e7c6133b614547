import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const fileOutOfOrder: RulePage = {
  example: {
    situation:
      'Two branches were merged: one brings a file that is older than what ran, the other a newer one.',
    manifests: exampleMigration(plainSpec),
    directories: {
      'shop-migrations': [
        '20250101_customers.sql',
        '20250102_currencies.sql',
        '20250103_orders.sql',
        '20250104_invoices.sql',
      ],
    },
    table: { ran: [['20250101_customers.sql', '20250103_orders.sql']] },
    message: [
      '[file-out-of-order] AtlasMigration shop/shop: 20250102_currencies.sql came after newer files ran: the operator would stop; fix: rename it to a newer version and rehash',
      '- [file-out-of-order] AtlasMigration shop/shop: 20250102_currencies.sql came after newer files ran: the operator would stop; expected: new files newer than every version that ran; fix: rename it to a newer version and rehash',
      '- [file-out-of-order] Atlas would say: migration file 20250102_currencies.sql was added out of order',
      '- [file-out-of-order] After the renaming run "atlas migrate hash"',
    ],
  },
  steps: [
    'Rename the file to a version newer than every row.',
    'Run `atlas migrate hash`. `atlas migrate rebase` does both.',
    'Have the pipeline check the directory against the main branch, so that it is seen before the merge.',
  ],
  milder: [
    '`spec.execOrder` is `non-linear` or `linear-skip`: the operator goes on, and the message says what becomes of the file.',
    'The same file was late before this write, and the operator was in trouble already.',
  ],
  notes: [
    'Without a newer file it is a downgrade to the operator, in every order: see [migrate-down-predicted](migrate-down-predicted.md).',
    'Where other databases ran the file already, the new name runs there a second time: make it idempotent (`IF NOT EXISTS`, `ON CONFLICT DO NOTHING`).',
  ],
}
