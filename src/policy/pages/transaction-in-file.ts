import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const transactionInFile: RulePage = {
  example: {
    situation: 'The file was written for psql, with a transaction of its own.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250201_orders.sql: |
  BEGIN;
  CREATE TABLE orders (id integer);
  COMMIT;
atlas.sum: |
  h1:Fm9PxyoypVrEDhkLz+zsxEBdVqCbM9cTcsV/5NxH0jU=
  20250201_orders.sql h1:rArVqQfCZp4cd+X8SMSy99TNuwvlzi/iwhMjGbwcFUI=`)}`,
    message: [
      '[transaction-in-file] AtlasMigration shop/shop: 20250201_orders.sql ends the transaction of Atlas (line 3: COMMIT); expected: files without BEGIN and COMMIT; fix: remove BEGIN and COMMIT and run `atlas migrate hash`',
    ],
  },
  steps: [
    'Remove BEGIN and COMMIT. Atlas runs each file in a transaction.',
    'A statement that no transaction takes needs `-- atlas:txmode none` on the first line of its file, and an empty line after it.',
    'Run `atlas migrate hash`.',
  ],
  milder: [],
  notes: [
    'A file with `-- atlas:txmode none` may begin and end transactions of its own. `ROLLBACK TO` a savepoint ends none.',
    'A COMMIT in a `DO` block or in the body of a procedure is not looked at.',
    'MySQL commits at most statements anyway, so its files are not looked at.',
  ],
}
