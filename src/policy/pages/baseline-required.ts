import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const baselineRequired: RulePage = {
  example: {
    situation: 'A database that was made by hand comes under Atlas.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250102_orders.sql'] },
    table: { ran: null, notClean: 'found schema "shop"' },
    message: [
      '[baseline-required] AtlasMigration shop/shop: the database is not empty, and has neither revisions table nor spec.baseline; fix: set spec.baseline to the version that it is at',
      '- [baseline-required] AtlasMigration shop/shop: the database is not empty, and has neither revisions table nor spec.baseline; expected: a baseline from the first reconcile on; fix: set spec.baseline to the version that it is at',
      '- [baseline-required] Atlas would say: sql/migrate: connected database is not clean: found schema "shop". baseline version or allow-dirty is required',
      '- [baseline-required] If the database was moved, restore its revisions table with it instead',
      '- [baseline-required] If nothing of these files ever ran there: put an empty file 00000000_baseline.sql into the directory, rehash, and set spec.baseline to "00000000"',
      '- [baseline-required] The failed first reconcile would leave an empty revisions table, which a later baseline does not repair',
    ],
  },
  steps: [
    'If the database was moved or restored, restore its revisions table with it; nothing else is needed then.',
    'If nothing of the files is in the database, and only schemas of a provider or tables of others are in the way: bind the URL to a schema (`search_path`), or make an empty first file the baseline. The message says which fits.',
    'Otherwise find the file up to which the database is, and set `spec.baseline` to its version, in the write that creates the AtlasMigration.',
    'If it was refused too late and an empty table is there, see [revision-table-empty](revision-table-empty.md).',
  ],
  milder: [],
  notes: [
    'What counts as clean is for Atlas to say: extra schemas of a provider, such as `google_vacuum_mgmt`, count as content. A URL with `search_path` looks at that schema only.',
  ],
}
