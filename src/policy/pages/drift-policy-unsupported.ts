import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const driftPolicyUnsupported: RulePage = {
  example: {
    situation: 'A drift policy beside a directory in a ConfigMap.',
    manifests: exampleMigration(`${plainSpec}
policy:
  drift:
    onError: CONTINUE`),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    message: [
      '[drift-policy-unsupported] AtlasMigration shop/shop: the operator stops: spec.policy.drift needs a directory on the Atlas Registry; fix: remove spec.policy.drift, or set spec.dir.remote',
      '- [drift-policy-unsupported] AtlasMigration shop/shop: the operator stops: spec.policy.drift needs a directory on the Atlas Registry; expected: no drift policy, or a directory in the registry (spec.dir.remote); fix: remove spec.policy.drift, or set spec.dir.remote',
    ],
  },
  steps: [
    'Remove `spec.policy.drift`. To look for drift without the registry, run `atlas schema diff` in CI, for example.',
    'Or push the directory to the Atlas Registry (`atlas migrate push`) and set `spec.dir.remote` with a name, a tag and `spec.cloud.tokenFrom`.',
  ],
  milder: [
    'A custom config that cannot be read may name a repository: a warning.',
    'With `spec.dir.remote` the audit says that an apply may stop with `DriftDetected`.',
  ],
  notes: [
    'The field came with operator 0.8. The custom resource definition of 0.7 does not have it, so there the API server drops it.',
    '`policy.drift.enabled` is no field of the definition. The API server drops it and stores `drift: {}`, which stops the operator as well.',
  ],
}
