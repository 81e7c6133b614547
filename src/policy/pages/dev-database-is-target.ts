import { exampleMigration, type RulePage } from './rule-page.js'

export const devDatabaseIsTarget: RulePage = {
  example: {
    situation:
      'For lack of another database the dev database is the target, under another name of its host.',
    manifests: exampleMigration(`
url: postgres://shop@db.shop.svc.cluster.local:5432/shop
devURL: postgres://shop@db.shop:5432/shop
dir:
  configMapRef: {name: shop-migrations}`),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    message: [
      '[dev-database-is-target] AtlasMigration shop/shop: the dev database is the target database, and Atlas cleans the dev database; fix: point spec.devURL to another database, or leave it out',
      '- [dev-database-is-target] AtlasMigration shop/shop: the dev database is the target database, and Atlas cleans the dev database; expected: an empty database that nothing else uses; fix: point spec.devURL to another database, or leave it out',
    ],
  },
  steps: [
    'Leave `spec.devURL` out: the operator then starts a dev database of its own.',
    'Or make an empty database that nothing else uses, and name that.',
  ],
  milder: [
    'The dev database is a schema inside the target database, while the target is the whole database: Atlas cleans that schema only.',
  ],
  notes: [
    'Hosts are compared by name: case, a final dot, the loopback names and the short and long names of a Service count as one. Two names of one server in DNS are not recognised.',
    'Nothing is said with a custom config that may name other databases.',
  ],
}
