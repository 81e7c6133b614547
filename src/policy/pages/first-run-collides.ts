import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const firstRunCollides: RulePage = {
  example: {
    situation: 'Two services are to share a new database, with a revisions table each.',
    manifests: `${exampleMigration(`${plainSpec.replace('shop-migrations', 'seed-migrations')}\nrevisionsSchema: rev_seed`, 'seed')}---\n${exampleMigration(`${plainSpec}\nrevisionsSchema: rev_shop`)}`,
    directories: {
      'seed-migrations': ['20250115_countries.sql'],
      'shop-migrations': ['20250101_customers.sql'],
    },
    message: [
      '[first-run-collides] AtlasMigration shop/shop: shop/seed starts in this empty database too: whichever runs second finds it not clean, and fails; fix: make a schema for it (CREATE SCHEMA shop) and add search_path=shop to the URL',
    ],
  },
  steps: [
    'Make a schema for each of them and name it in the URL with `search_path`: Atlas then looks at that schema only.',
    'Or put an empty file before all others of the directory, and set `spec.baseline` to its version from the first reconcile on. It skips nothing. The files of both then share the schema `public`, so they must not make a table of one name.',
    'If one has failed already, see [revision-table-empty](revision-table-empty.md).',
  ],
  milder: [],
  notes: [
    'Others are known by the address in their URL. Two names of one host are not recognised here.',
    'Of an AtlasMigration in another namespace only its presence is told.',
  ],
}
