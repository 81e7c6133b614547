import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const foreignMigrationFormat: RulePage = {
  example: {
    situation: 'A directory that goose ran until now is given to the operator as it is.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250101_customers.sql: |
  -- +goose Up
  CREATE TABLE customers (id int);

  -- +goose Down
  DROP TABLE customers;
atlas.sum: |
  h1:tLgt6yfm7jKBWDelbBhnfrY6g46IaJl/aDTXF+6IWCM=
  20250101_customers.sql h1:9hh5cggGZGoiquSzsPqsYivq6LEK/m0nK2HvEqqa5dE=`)}`,
    message: [
      '[foreign-migration-format] AtlasMigration shop/shop: goose: the Down section of 20250101_customers.sql would run as well; fix: convert with `atlas migrate import`, or ship the Up section alone',
      '- [foreign-migration-format] AtlasMigration shop/shop: goose: the Down section of 20250101_customers.sql would run as well; expected: nothing but what should run: the operator runs every .sql file from its first line to its last; fix: convert with `atlas migrate import`, or ship the Up section alone',
      '- [foreign-migration-format] It would take the migration back, under any other name or version, too',
      '- [foreign-migration-format] Convert the folder: atlas migrate import --from "file://FOLDER?format=goose" --to "file://migrations"',
    ],
  },
  steps: [
    'Convert the whole folder, where nothing of it ran here yet: `atlas migrate import --from "file://FOLDER?format=goose" --to "file://migrations"`. It knows goose, dbmate, golang-migrate, Flyway and Liquibase, and writes atlas.sum.',
    'Otherwise ship what goes forward alone: cut each file off at its Down marker, or leave the `.down.sql` and `U*__` files out of the ConfigMap.',
    'Do not give an undo file another version: it would still run.',
  ],
  milder: [
    "It warns where nothing would be taken back: there is no statement behind the Down marker, or the file only has another tool's names or comments.",
    'It warns of a file that ran already. Its row stands, so leave the file as it is, and make what is missing in a new one.',
    'It warns where it is not known which files would run, for lack of a database.',
  ],
  notes: [
    'Known by their comments: goose, dbmate, sql-migrate, micrate, rambler, tern, node-pg-migrate, MyBatis Migrations, Play evolutions, shmig, Liquibase and Sqitch. A comment that only mentions a marker in a sentence is none, nor is one in a string or a function.',
    'Known by their names: `.up.sql`/`.down.sql` (golang-migrate, sqlx and others), `-up.sql`/`-down.sql`, `.do.`/`.undo.` (postgrator), `.rollback.sql`, `_down.sql`, `_undo.sql`, `_revert.sql` and `_rollback.sql` beside a file of the same version, and `V*__`, `U*__`, `R__` and `B*__` of Flyway.',
    'Flyway orders V2 before V10; Atlas orders names as text, so V10 runs before V2. An `R__` file runs once, and before every V file.',
    "Liquibase's `--rollback` comments do nothing here. Atlas runs every changeset, whatever its context, labels or dbms.",
    '`atlas migrate import` (v1.2.3) is named only where it keeps what goes forward: every file is of one tool, none ran here, and no line of an Up section holds the word `down` (dbmate) or `Down` (goose), since it drops such lines. Of Flyway it does not keep `R__` files, `V1_2` or V10 behind V2 in their place.',
    'A custom atlas.hcl that sets the directory or its format is not judged: it may read the files as their tool does.',
  ],
}
