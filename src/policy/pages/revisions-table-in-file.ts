import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const revisionsTableInFile: RulePage = {
  example: {
    situation: 'The dump of a database that Atlas migrates became the first file.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250101_dump.sql: |
  CREATE SCHEMA atlas_schema_revisions;
  CREATE TABLE atlas_schema_revisions.atlas_schema_revisions (version character varying NOT NULL);
  CREATE TABLE public.customers (id integer);
atlas.sum: |
  h1:EO9gTPDAT6tQhXOj6bK15IaofQaRhUv2okr8aKWzRpI=
  20250101_dump.sql h1:o+0z84hl3Zvga/hVd0SK0cYyUXXztpxUFxJODbOFxqo=`)}`,
    message: [
      "[revisions-table-in-file] AtlasMigration shop/shop: 20250101_dump.sql creates Atlas's revisions table (line 2); fix: leave it out (`pg_dump -N atlas_schema_revisions`) and run `atlas migrate hash`",
      "- [revisions-table-in-file] AtlasMigration shop/shop: 20250101_dump.sql creates Atlas's revisions table (line 2); expected: files that leave atlas_schema_revisions alone, where Atlas records what ran; fix: leave it out (`pg_dump -N atlas_schema_revisions`) and run `atlas migrate hash`",
      "- [revisions-table-in-file] 20250101_dump.sql creates the schema of Atlas's revisions table (line 1)",
    ],
  },
  steps: [
    'Remove every statement about the table from the file: its CREATE TABLE, its primary key and its rows. `pg_dump -N atlas_schema_revisions` leaves all of that out.',
    'Where the table is in a schema with others, `pg_dump -T "*.atlas_schema_revisions"` does the same.',
    'Of the schema itself, write CREATE SCHEMA IF NOT EXISTS.',
    'Run `atlas migrate hash`.',
  ],
  milder: [
    'The file changes rows or columns of the table: that may be a repair. `atlas migrate set` is the way to it.',
    'The name has no schema, and the URL is bound to none: which table it is depends on the role.',
    'What would run is not known, since the database could not be read.',
  ],
  notes: [
    'GRANT, OWNER TO, COMMENT and CREATE SCHEMA IF NOT EXISTS do no harm.',
    'A file that empties or drops the table runs, and what the database ran before is forgotten.',
  ],
}
