import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const mergeConflictMarker: RulePage = {
  example: {
    situation: 'A merge of two branches was committed unresolved.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250101_customers.sql: |
  CREATE TABLE customers (
  <<<<<<< HEAD
    id int
  =======
    id bigint
  >>>>>>> feature/bigint
  );
atlas.sum: |
  h1:BcKpNj2wu94sVXdOFMj3Mx/90aguDFww9tUgbQW1qZI=
  20250101_customers.sql h1:NK8htC7FaWnbr5OWsVSKUkB15fPQaRjr/VskCnMgWqU=`)}`,
    message: [
      '[merge-conflict-marker] AtlasMigration shop/shop: merge conflict markers in 20250101_customers.sql (line 2); fix: resolve the conflict, then run `atlas migrate hash`',
      '- [merge-conflict-marker] AtlasMigration shop/shop: merge conflict markers in 20250101_customers.sql (line 2); expected: a resolved merge; fix: resolve the conflict, then run `atlas migrate hash`',
    ],
  },
  steps: [
    'Resolve the conflict in the named files.',
    'In atlas.sum never by hand: take either side, then run `atlas migrate hash`.',
  ],
  milder: [],
  notes: [
    "All three markers must stand at the start of lines, in git's order. A line of `=======` in a comment is no conflict.",
  ],
}
