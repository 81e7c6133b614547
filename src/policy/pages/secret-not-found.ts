import { exampleMigration, type RulePage } from './rule-page.js'

export const secretNotFound: RulePage = {
  example: {
    situation: 'The Secret is made by another operator, later.',
    manifests: exampleMigration(`
urlFrom:
  secretKeyRef: {name: shop-db-app, key: uri}
dir:
  configMapRef: {name: shop-migrations}`),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    message: [
      '[secret-not-found] AtlasMigration shop/shop: Secret shop-db-app does not exist (spec.urlFrom.secretKeyRef); expected: every Secret and key that the spec refers to, in the same namespace; fix: create it, or correct the reference',
    ],
  },
  steps: [
    'If it is going to come, do nothing for `urlFrom`, `passwordFrom` and `tokenFrom`: the operator watches those.',
    'For `userFrom`, `hostFrom`, `devURLFrom`, `configFrom` and `vars` have it there before the AtlasMigration: the operator does not notice when it comes.',
    'Otherwise correct the name or the key; it must be in the same namespace.',
  ],
  milder: [
    'The Secret exists for all we know, but may not be read here: that goes to the audit only.',
  ],
  notes: [
    'A missing key is an empty value to the operator: it says "no target database defined" or fails to log in.',
    'It is never denied by default: External Secrets, Vault and CloudNativePG make their Secrets later.',
  ],
}
