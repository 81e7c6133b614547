import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const fileIgnored: RulePage = {
  example: {
    situation: 'The ending is in capitals.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250101_CUSTOMERS.SQL: |
  CREATE TABLE customers (id int);`)}`,
    message: [
      '[file-ignored] AtlasMigration shop/shop: the operator does not read 20250101_CUSTOMERS.SQL; expected: plain text under keys of data that end in ".sql" (lower case); fix: rename or unpack them, as UTF-8, and run `atlas migrate hash`',
    ],
  },
  steps: [
    'Rename the key so that it ends in `.sql`.',
    'Store the file as plain text in UTF-8: `kubectl create configmap --from-file` puts everything else under `binaryData`.',
    'Run `atlas migrate hash`.',
  ],
  milder: [],
  notes: ["Other keys, such as a README, are nobody's business and are not mentioned."],
}
