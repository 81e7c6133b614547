import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const downFlowInvalid: RulePage = {
  example: {
    situation: 'Down is allowed, but not approved; a ConfigMap has nobody who could approve it.',
    manifests: exampleMigration(`${plainSpec}
protectedFlows:
  migrateDown:
    allow: true`),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    message: [
      '[down-flow-invalid] AtlasMigration shop/shop: migrateDown: allow cannot be true without autoApprove for local migration directory; fix: set migrateDown.allow to false, or autoApprove to true as well',
      '- [down-flow-invalid] AtlasMigration shop/shop: migrateDown: allow cannot be true without autoApprove for local migration directory; expected: for a ConfigMap or local directory, both true or allow false; fix: set migrateDown.allow to false, or autoApprove to true as well',
    ],
  },
  steps: [
    'If no downgrade is wanted, which is the rule, remove `spec.protectedFlows.migrateDown` or set `allow: false`.',
    'If one is wanted with a ConfigMap or local directory, set both `allow: true` and `autoApprove: true`, and remove both when it is done.',
    'With a remote directory leave `autoApprove` false: the downgrade is approved in Atlas Cloud.',
  ],
  milder: [],
  notes: [
    'The sentence "migrate down is not allowed" seldom means that it should be: see [migrate-down-predicted](migrate-down-predicted.md) for its usual causes.',
  ],
}
