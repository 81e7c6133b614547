import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const fileNotRunnable: RulePage = {
  example: {
    situation: 'A closing quote was forgotten.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250101_currencies.sql: |
  CREATE TABLE currencies (code text);
  INSERT INTO currencies VALUES ('EUR);
atlas.sum: |
  h1:YMhizodbcRq4+6SIbby8VIFjQV7eau5Stz5c5CJ7G28=
  20250101_currencies.sql h1:oe1c6/1sEqpSQWOssXV0hAJ4KDjNf7TqoNFK18ErYMU=`)}`,
    message: [
      "[file-not-runnable] AtlasMigration shop/shop: 20250101_currencies.sql cannot run: 2:32: unclosed quote '\\''; fix: correct the file and run `atlas migrate hash`",
      "- [file-not-runnable] AtlasMigration shop/shop: 20250101_currencies.sql cannot run: 2:32: unclosed quote '\\''; expected: files that Atlas can split and run; fix: correct the file and run `atlas migrate hash`",
    ],
  },
  steps: [
    'Correct the file at the named line. For a body in another language use dollar quotes, or `-- atlas:delimiter`.',
    'Of `-- atlas:txmode` only `none` and `file` are allowed in a file, and once.',
    'Remove `-- atlas:sum ignore`: a directory of the operator must have every file in atlas.sum.',
    'Run `atlas migrate hash`.',
  ],
  milder: [
    'What would run is not known, since the database could not be read: a baseline may have the file behind it.',
    'The file has more blocks within each other than are followed (some 200 times `BEGIN`), so it was not checked.',
  ],
  notes: [
    'Only the splitting into statements is checked, not the SQL itself. Files that ran already are left alone.',
  ],
}
