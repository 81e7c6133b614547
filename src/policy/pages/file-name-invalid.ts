import { exampleMigration, type RulePage } from './rule-page.js'

export const fileNameInvalid: RulePage = {
  example: {
    situation: 'The keys of `spec.dir.local` were made from paths.',
    manifests: exampleMigration(`
urlFrom:
  secretKeyRef: {name: shop-database, key: url}
dir:
  local:
    schema/20250101_customers.sql: |
      CREATE TABLE customers (id int);`),
    message: [
      '[file-name-invalid] AtlasMigration shop/shop: spec.dir.local has unusable file names: "schema/20250101_customers.sql"; fix: rename the files and run `atlas migrate hash`',
      '- [file-name-invalid] AtlasMigration shop/shop: spec.dir.local has unusable file names: "schema/20250101_customers.sql"; expected: plain names without "/" and NUL, at most 255 bytes; fix: rename the files and run `atlas migrate hash`',
    ],
  },
  steps: [
    'Use the bare file name as the key.',
    'Run `atlas migrate hash`: atlas.sum holds the names, too.',
  ],
  milder: [],
  notes: ['The keys of a ConfigMap cannot have these names: the API server refuses them.'],
}
