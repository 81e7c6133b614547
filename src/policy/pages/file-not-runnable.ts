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
    "A line that starts with a backslash is a command of psql. `pg_dump` of 15.14, 16.10, 17.6 and later writes two: ``sed -i '/^\\\\\\(un\\)\\?restrict /d' FILE`` removes them.",
    '`COPY ... FROM stdin` sends rows through psql. Make the dump with `pg_dump --inserts`, or write INSERT statements.',
    'A dump of a newer server may set what an older one does not know, such as `SET transaction_timeout = 0` of `pg_dump` 17 on PostgreSQL 16 and older. Remove the line where the file ran on no database yet; otherwise bring this server to the version of the others.',
    'What a tool should have replaced, such as `${schema}` of Flyway or `{{ name }}` of a template: write the value in its place.',
    'A statement that no transaction takes (`CREATE INDEX CONCURRENTLY`, `VACUUM`, ...) needs `-- atlas:txmode none` on the first line of its file, and an empty line after it. Give it a file of its own: when such a file fails half-way, what ran before stays.',
    'PostgreSQL takes a new value of an enum only when the transaction that adds it is over. Leave `ALTER TYPE ... ADD VALUE` in its file, and move what uses the value into a newer one.',
    'Run `atlas migrate hash`.',
  ],
  milder: [
    'What would run is not known, since the database could not be read: a baseline may have the file behind it.',
    'The file has more blocks within each other than are followed (some 200 times `BEGIN`), so it was not checked.',
    'A text seems to be a new value of an enum (`ALTER TYPE ... ADD VALUE`) that is used in the transaction that adds it. It may also be another text, or the type may have the value already.',
  ],
  notes: [
    'What the text alone decides is checked, and the parameters that it sets, not the SQL itself. Files that ran already are left alone.',
    'A statement in a `DO` block or in the body of a function is not looked at. `REFRESH MATERIALIZED VIEW CONCURRENTLY` runs in a transaction.',
  ],
}
