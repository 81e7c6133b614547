import { exampleMigration, type RulePage } from './rule-page.js'

export const connectionPooler: RulePage = {
  example: {
    situation: 'Migrations take the address that the application uses.',
    manifests: exampleMigration(`
url: postgres://shop@shop-pooler-rw:5432/shop
dir:
  configMapRef: {name: shop-migrations}`),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    message: [
      "[connection-pooler] AtlasMigration shop/shop: the database is reached through a connection pooler, by its host name; expected: a direct connection, or a session pooler that passes search_path on; fix: use the database's own host and port for migrations",
    ],
  },
  steps: [
    "Use the database's own host and port for migrations: with CloudNativePG the Service `…-rw` without `pooler`, with Supabase port 5432.",
    'If the pooler runs in session mode and passes `search_path` on (PgBouncer does not), set `connection-pooler: off` for these namespaces.',
  ],
  milder: [],
  notes: [
    'It goes by the host name (`pooler`, `pgbouncer`) and the ports 6432 and 6543: a pooler in session mode is a false alarm.',
    'PgBouncer refuses `migrate apply` even without `search_path` in the URL: Atlas opens its revisions table on a second connection, with `search_path` as a start-up parameter (`unsupported startup parameter: search_path`). `migrate status` goes through, so this shows with the first pending file.',
  ],
}
