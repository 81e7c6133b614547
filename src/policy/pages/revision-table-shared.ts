import { exampleMigration, plainSpec, type RulePage } from '../rule-page.js'

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
  ],
  notes: [
    'Do not follow "set `migrateDown.allow` to true": it reverts the rows of the other directory.',
    'The same database with another `revisionsSchema` or another schema in the URL is another table. Databases are told apart by what the server says, not by the host name.',
  ],
}
