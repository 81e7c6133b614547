import { exampleMigration, type RulePage } from './rule-page.js'

export const targetMissing: RulePage = {
  example: {
    situation: 'The credentials name a user and a database, but no host.',
    manifests: exampleMigration(`
credentials:
  scheme: postgres
  user: shop
  passwordFrom:
    secretKeyRef: {name: shop-database, key: password}
  database: shop
dir:
  configMapRef: {name: shop-migrations}`),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    message: [
      '[target-missing] AtlasMigration shop/shop: the spec names no database ("no target database defined"); fix: set spec.urlFrom.secretKeyRef, spec.url or spec.credentials.host',
      '- [target-missing] AtlasMigration shop/shop: the spec names no database ("no target database defined"); expected: url, urlFrom or credentials with host or hostFrom; fix: set spec.urlFrom.secretKeyRef, spec.url or spec.credentials.host',
    ],
  },
  steps: [
    'Put the URL into a Secret and name it in `spec.urlFrom.secretKeyRef`.',
    'Or complete `spec.credentials`: it needs `host` or `hostFrom`.',
  ],
  milder: [],
  notes: [
    'With a custom config (`spec.config`, `spec.configFrom`) the URL may be in there, and nothing is said.',
  ],
}
