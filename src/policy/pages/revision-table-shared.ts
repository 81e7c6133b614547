import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const revisionTableShared: RulePage = {
  example: {
    situation:
      'Schema and seed data are two directories, with one AtlasMigration each, on one database. The first ran.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleMigration(plainSpec.replace('shop-migrations', 'shop-seed'), 'shop-seed')}`,
    directories: {
      'shop-migrations': ['20250101_customers.sql', '20250103_orders.sql'],
      'shop-seed': ['20250102_currencies.sql'],
    },
    table: { ran: [['20250101_customers.sql', '20250103_orders.sql']] },
    message: [
      '[revision-table-shared] AtlasMigration shop/shop-seed: this revisions table is also used by shop/shop, with other files; fix: merge both: atlas-admission consolidate',
      '- [revision-table-shared] AtlasMigration shop/shop-seed: this revisions table is also used by shop/shop, with other files; expected: one directory for each revisions table; fix: merge both: atlas-admission consolidate',
      '- [revision-table-shared] Or give this AtlasMigration its own spec.revisionsSchema and, from its first reconcile on, a spec.baseline (a first, empty file)',
      '- [revision-table-shared] Do not allow migrate down: it would revert the rows of the other directory',
    ],
  },
  steps: [
    'Merge both directories into one, and leave the files that ran with name and text as they are.',
    'Give files that did not run a version newer than every row, and run `atlas migrate hash`.',
    'Point one AtlasMigration to the merged ConfigMap, keeping its name; delete the other one, then its ConfigMap. Deleting an AtlasMigration leaves the database alone.',
    'To keep two directories: give this one its own `spec.revisionsSchema` and, in the same write, a `spec.baseline` (the version of a first, empty file). A baseline that comes later is not looked at.',
  ],
  milder: [
    'Both have the same versions: one replaces the other.',
    'This one has all files of the other and more: the consolidation itself.',
    'The files of the other one cannot be read here.',
    'Both databases only say that they are one, which could not be proven (a pooler that hides connections, a login that fails): an AtlasMigration of the same namespace is named, those of others are only counted.',
    'Nothing was asked, and the equal URLs have no password, so that somebody of another namespace may have guessed the URL.',
  ],
  notes: [
    'Two services that both number from 0001 have other texts under the same versions. What one has run counts as done for the other, which is Ready without its tables: they need a revisions schema each, or `consolidate --rename-pending`.',
    'Two equal URLs lead to one table. That is enough for a database that is not read (MySQL, SQL Server and others, `check --offline`): the files are compared, and the rows are not needed.',
    'Do not follow "set `migrateDown.allow` to true": it reverts the rows of the other directory.',
    'The same database with another `revisionsSchema` or another schema in the URL is another table. Host names do not matter.',
    'A copied server (snapshot, base backup, cloned volume) says of itself what its original says. So it is proven that both are one running database: a random `application_name`, set on one connection for a transaction, is seen from the other, on a role that may write the table; or both logins end at one address and database.',
  ],
}
