import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const databaseReadOnly: RulePage = {
  example: {
    situation: 'After a failover the URL still names the server that is a standby now.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250102_orders.sql'] },
    table: {
      ran: [['20250101_customers.sql']],
      access: {
        role: 'shop_app',
        standby: true,
        readOnly: false,
        schemaMissing: false,
        lacking: [],
      },
    },
    message: [
      '[database-read-only] AtlasMigration shop/shop: the server of the URL is a standby: the operator fails at every pending file; fix: name the host of the primary in the URL, or wait for the failover to end',
    ],
  },
  steps: [
    'A standby: let the URL name the primary, or a service that follows it. The operator tries again by itself once a failover is over.',
    "A read-only default: look where it is set (`SELECT source, sourcefile FROM pg_settings WHERE name = 'default_transaction_read_only'`), ask why, and take it back with `ALTER ROLE`, `ALTER DATABASE` or `ALTER SYSTEM` ... `RESET default_transaction_read_only`.",
  ],
  milder: [],
  notes: [
    'It is never a denial, because a failover passes.',
    'Under a read-only default Atlas still runs files: it begins their transactions as READ WRITE. Only what runs outside of one fails.',
    'Found only while files are pending.',
  ],
}
