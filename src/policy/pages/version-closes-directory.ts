import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const versionClosesDirectory: RulePage = {
  example: {
    situation: 'Seed data has the version 99999999999999, so that it runs last.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250101000000_customers.sql: |
  CREATE TABLE customers (id int);
99999999999999_seed.sql: |
  INSERT INTO customers VALUES (1);
atlas.sum: |
  h1:RqGR64GGEToQiZ1YXg1AFSGFxDHo8iOFNF6gi6bBhDo=
  20250101000000_customers.sql h1:RSW+EkioQzGlmVIybOwhJMJ/ArM5n9Fji73T2tRtReM=
  99999999999999_seed.sql h1:vPY4G/RMYt5dpYUAlNx34M6hXUxD0Pvs+eLvyv9U0fE=`)}`,
    message: [
      '[version-closes-directory] AtlasMigration shop/shop: once 99999999999999_seed.sql ran, no later file like 20250101000000 can follow; expected: versions that a later file can exceed; fix: give it the version after 20250101000000, and rehash',
    ],
  },
  steps: [
    'Where the file ran nowhere yet, give it the version after the newest other file, and run `atlas migrate hash`.',
    'Where it ran already, scale the Atlas Operator to 0. Rename the file to a version between the last one that ran before it and the first that is to follow, such as 20250101000001, and run `atlas migrate hash`.',
    'On each database that ran it: `atlas migrate set 20250101000001 --dir file://FOLDER --url URL`. It removes the row of the old version and writes one for the new, and runs nothing.',
    'Apply the ConfigMap, and scale the operator up again.',
  ],
  milder: [],
  notes: [
    'Found are numbers of nines that nobody reached by counting, dates 30 years after the newest other file, and letters (`zz`, `R`) among numbered files.',
    'Data that has to be there after each change is no migration. A job that may run again and again, or a new file for each change, does it.',
    'While the operator runs, do not use `atlas migrate set` alone: with the old ConfigMap the file is pending again, and its data is inserted a second time.',
  ],
}
