import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const migrateDownUnsafe: RulePage = {
  example: {
    situation:
      'Two applied files are gone, a downgrade is allowed, and the operator has no dir-state Secret, as after a move to another cluster.',
    manifests: exampleMigration(`${plainSpec}
protectedFlows:
  migrateDown: {allow: true, autoApprove: true}`),
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250102_orders.sql'] },
    table: {
      ran: [
        [
          '20250101_customers.sql',
          '20250102_orders.sql',
          '20250103_invoices.sql',
          '20250104_payments.sql',
        ],
      ],
    },
    message: [
      '[migrate-down-unsafe] AtlasMigration shop/shop: migrate down is allowed but not safe: "unable to downgrade, no dir-state found"; fix: put their files back (git log finds them) and rehash',
      '- [migrate-down-unsafe] AtlasMigration shop/shop: migrate down is allowed but not safe: "unable to downgrade, no dir-state found"; expected: a dir-state Secret of this database with every version that goes, and only the newest go; fix: put their files back (git log finds them) and rehash',
      '- [migrate-down-unsafe] It goes down because rows without a file: 20250103 and 20250104',
      '- [migrate-down-unsafe] A file was removed after it ran, or a restored or moved database or another directory brought the row: then use the directory that ran here',
    ],
  },
  steps: [
    'Set `spec.protectedFlows.migrateDown.allow` to false before anything else.',
    'Repair the cause, which the message names: put removed files back, merge two directories, rename a late file.',
    'For a rollback that is meant, write a new file that undoes the change.',
    'To go down with the operator after all: apply the full directory once, wait until it is Ready (that stores the dir-state), then remove only the newest files.',
  ],
  milder: ['The dir-state Secret cannot be read here, or what it would revert is not certain.'],
  notes: [
    'The operator reverts with the files of its last success, kept in the Secret `io.atlasgo.db.v1.<name>.latest`. It goes with the AtlasMigration, and stays behind when a database moves.',
  ],
}
