import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const revisionTableEmpty: RulePage = {
  example: {
    situation:
      'The first reconcile failed for want of a baseline. Now it is set, but the failure left an empty table.',
    manifests: exampleMigration(`${plainSpec}
baseline: "20250101"`),
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250102_orders.sql'] },
    table: { ran: [], notClean: 'found schema "shop"' },
    message: [
      '[revision-table-empty] AtlasMigration shop/shop: the revisions table is empty, the database is not:...; fix: drop the empty table atlas_schema_revisions.atlas_schema_revisions and set spec.baseline',
      '- [revision-table-empty] AtlasMigration shop/shop: the revisions table is empty, the database is not: the operator would fail; expected: no revisions table, or one with the rows of this database; fix: drop the empty table atlas_schema_revisions.atlas_schema_revisions and set spec.baseline',
      '- [revision-table-empty] Atlas would say: sql/migrate: connected database is not clean: found schema "shop". baseline version or allow-dirty is required',
      '- [revision-table-empty] A baseline alone does not help: "migrate status" comes first and takes none',
      '- [revision-table-empty] Or run "atlas migrate apply --baseline <version>" once by hand',
    ],
  },
  steps: [
    'If the database was moved, restore the rows: the table came without them.',
    'Otherwise drop the empty table; the message names it with its schema.',
    'Set `spec.baseline` to the version that the database is at.',
    'Or run `atlas migrate apply --baseline <version>` once by hand.',
  ],
  milder: [],
  notes: [
    'The operator asks `migrate status` first, and that takes no baseline (ariga/atlas 3795).',
  ],
}
