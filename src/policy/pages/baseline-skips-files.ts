import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const baselineSkipsFiles: RulePage = {
  example: {
    situation:
      'A new database holds nothing but a schema of its provider. Atlas takes it for not clean, so somebody sets a baseline.',
    manifests: exampleMigration(`${plainSpec}\nbaseline: "20250101"`),
    directories: { 'shop-migrations': ['20250101_customers.sql', '20250102_orders.sql'] },
    table: {
      ran: null,
      notClean: 'found schema "google_vacuum_mgmt"',
      content: { google_vacuum_mgmt: [], public: [] },
    },
    message: [
      '[baseline-skips-files] AtlasMigration shop/shop: baseline 20250101 skips 20250101_customers.sql, and the database has none of what it makes; fix: put an empty file 00000000_baseline.sql into the directory, rehash, and set spec.baseline to "00000000"',
    ],
  },
  steps: [
    'If none of the files ever ran on this database, put an empty file before all others, and make that the baseline: it skips nothing.',
    'Where only schemas of a provider are in the way, a URL with `search_path=public` needs no baseline at all.',
    'If some of them ran, set `spec.baseline` to the last version that did.',
    'On an empty database, remove `spec.baseline`.',
  ],
  milder: [],
  notes: [
    'The rule compares the tables that the skipped files make, by their names, with those of the database. It follows DROP and RENAME in the files. A table that was renamed by hand is a false alarm.',
    'Nothing is said of a database with more than 1,000 tables, nor once there are rows.',
  ],
}
