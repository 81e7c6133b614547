import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const migrateDownIntended: RulePage = {
  example: {
    situation:
      'A rollback: the newest file is gone, down is allowed and approved, and the dir-state has the file.',
    manifests: exampleMigration(`${plainSpec}
protectedFlows:
  migrateDown: {allow: true, autoApprove: true}`),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    dirState: ['20250101_customers.sql', '20250102_orders.sql'],
    table: { ran: [['20250101_customers.sql', '20250102_orders.sql']] },
    message: [
      '[migrate-down-intended] AtlasMigration shop/shop: the operator will migrate down to 20250101 and revert 20250102; fix: if that is not meant, put the removed files back',
    ],
  },
  steps: [
    'If it is meant, make a backup: tables and columns go with their data.',
    'When it is done, remove `spec.protectedFlows.migrateDown`, so that a later mistake is refused.',
    'If it is not meant, put the file back.',
  ],
  milder: [],
  notes: [
    'It is a warning by default because the object itself asks for it. Set `migrate-down-intended: deny` where nothing may ever go down.',
  ],
}
