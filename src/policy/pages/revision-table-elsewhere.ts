import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const revisionTableElsewhere: RulePage = {
  example: {
    situation: 'The revisions schema is changed on an object whose database is in use.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleMigration(`${plainSpec}
revisionsSchema: shop_revisions`)}`,
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250102_orders.sql'] },
    formerTable: { ran: [['20250101_customers.sql', '20250102_orders.sql']] },
    table: {
      ran: null,
      notClean: 'found schema "shop"',
      elsewhere: ['atlas_schema_revisions'],
    },
    message: [
      '[revision-table-elsewhere] AtlasMigration shop/shop: no rows in schema shop_revisions, where the operator will look, but in...; fix: set spec.revisionsSchema to atlas_schema_revisions',
      '- [revision-table-elsewhere] AtlasMigration shop/shop: no rows in schema shop_revisions, where the operator will look, but in atlas_schema_revisions; expected: the rows of this database where the operator looks; fix: set spec.revisionsSchema to atlas_schema_revisions',
      '- [revision-table-elsewhere] For a second directory with a table of its own: set spec.baseline too (a first, empty file), from the first reconcile on',
    ],
  },
  steps: [
    'Set `spec.revisionsSchema` to the schema that the message names.',
    'To move the table, do it in the database and in the object at one time: `ALTER TABLE … SET SCHEMA …`.',
    'For a second directory with a table of its own, set `spec.baseline` in the same write.',
  ],
  milder: ['The object is new, or this write does not change where the table is looked for.'],
  notes: [
    'The operator looks in `spec.revisionsSchema`, else in the schema of the URL (`search_path`), else in `atlas_schema_revisions`.',
    'A clean schema of one tenant among many, and a schema chosen with a baseline, are not reported.',
  ],
}
