import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const databaseError: RulePage = {
  example: {
    situation: 'The role of the URL may log in, but not read the revisions table.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    table: {
      ran: null,
      failure: {
        kind: 'permission',
        message: 'the role of the URL lacks the right SELECT on the table atlas_schema_revisions',
      },
    },
    message: [
      '[database-error] AtlasMigration shop/shop: cannot decide: the role of the URL lacks the right SELECT on the table atlas_schema_revisions; fix: grant the user USAGE on its schema and SELECT on the table',
    ],
  },
  steps: [
    'Do what the message says; it depends on the failure: address, TLS, credentials, name of the database, rights.',
    'Grant the rights to read: `USAGE` on the schema of the revisions table, `SELECT` on the table.',
    'A password that `credentials.passwordFrom` takes from a Secret, for a host that stands in the spec, is told to a server in clear text or as an MD5 hash only over TLS whose certificate proves the host, and only if the host is known: it stands in `database.allowedHosts` or in a Secret, or a stored AtlasMigration of the namespace uses the same Secret with it. Otherwise the role has to use `scram-sha-256`. `database.tls` in the policy names private authorities.',
    'If atlas-admission may not reach the database at all, see its NetworkPolicy and `database.allowedHosts` in the policy.',
  ],
  milder: [],
  notes: [
    'The setting `onError` decides what becomes of the write: `allow` with this warning, or `deny` with 503, which clients retry.',
    'An address that does not answer, is refused or forbidden reads the same: nobody is to learn open ports from it.',
  ],
}
