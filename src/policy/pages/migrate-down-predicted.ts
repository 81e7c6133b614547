import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const migrateDownPredicted: RulePage = {
  example: {
    situation:
      'A late file: it came from a branch that was open for a while, and everything else ran.',
    manifests: exampleMigration(plainSpec),
    directories: {
      'shop-migrations': [
        '20250101_customers.sql',
        '20250102_currencies.sql',
        '20250103_orders.sql',
      ],
    },
    table: { ran: [['20250101_customers.sql', '20250103_orders.sql']] },
    message: [
      '[migrate-down-predicted] AtlasMigration shop/shop: 20250102_currencies.sql came after newer files ran, so the operator goes down; fix: rename it to a newer version and rehash',
      '- [migrate-down-predicted] AtlasMigration shop/shop: 20250102_currencies.sql came after newer files ran, so the operator goes down; expected: one file for each row of the revisions table, and no file older than the last row; fix: rename it to a newer version and rehash',
      '- [migrate-down-predicted] The operator would say: migrate down is not allowed, set `migrateDown.allow` to true to allow downgrade',
      '- [migrate-down-predicted] After the renaming run "atlas migrate hash"',
      '- [migrate-down-predicted] spec.execOrder does not help while no newer file is pending',
    ],
  },
  steps: [
    'Late file: rename it to a version newer than every row and run `atlas migrate hash`. `spec.execOrder` does not help.',
    'Files removed: put them back. After a checkpoint the old files stay, too.',
    'Two directories on one table: merge them; see [revision-table-shared](revision-table-shared.md).',
    'Rows of unknown origin: the database was restored or moved. Use the directory that ran there.',
    'A rollback that is meant: write a new file that undoes the change.',
  ],
  milder: ['The same gap was there before this write, and the operator was in trouble already.'],
  notes: [
    'The operator says: migrate down is not allowed, set `migrateDown.allow` to true to allow downgrade. As advice that is nearly always wrong: it leads to "unable to downgrade, no dir-state found", a crash, or reverted data.',
    'The operator decides by counting: nothing pending, and fewer files to be had than rows.',
  ],
}
