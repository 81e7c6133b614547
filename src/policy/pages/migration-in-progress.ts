import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const migrationInProgress: RulePage = {
  example: {
    situation: 'Somebody runs `atlas migrate apply`, or the operator is at work.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250102_orders.sql'] },
    table: { ran: [['20250101_customers.sql']], locked: true },
    message: [
      '[migration-in-progress] AtlasMigration shop/shop: a migration is running on this database, what was read of it may be out of date; fix: wait until it is over and look again',
    ],
  },
  steps: [
    'Wait until it is over and look again.',
    "If nothing runs, look for a session that holds the advisory lock: `SELECT * FROM pg_locks WHERE locktype = 'advisory'`. A pooler in transaction mode leaves such locks behind.",
  ],
  milder: [],
  notes: [
    'The lock is only looked at, never taken.',
    'An AtlasDriftCheck (operator 0.8) that refers to this AtlasMigration takes the same lock while it inspects the database. A held lock is then no proof of a running migration.',
  ],
}
