import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const checksumMissing: RulePage = {
  example: {
    situation: 'A ConfigMap with the migration file alone.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250101_customers.sql: |
  CREATE TABLE customers (id int);`)}`,
    message: [
      '[checksum-missing] AtlasMigration shop/shop: 1 migration file and no atlas.sum ("checksum file not found"); fix: run `atlas migrate hash` and add atlas.sum',
      '- [checksum-missing] AtlasMigration shop/shop: 1 migration file and no atlas.sum ("checksum file not found"); expected: a key named atlas.sum beside the files; fix: run `atlas migrate hash` and add atlas.sum',
    ],
  },
  steps: [
    'Run `atlas migrate hash` on the folder and commit the atlas.sum that it writes.',
    'Ship it with the files: with `configMapGenerator` list it under `files`, with Helm take `.Files.Glob "migrations/*"`, not `*.sql`.',
  ],
  milder: [],
  notes: ['An atlas.sum under `binaryData` is not read by the operator; the message says so.'],
}
