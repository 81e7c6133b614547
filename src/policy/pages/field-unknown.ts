import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const fieldUnknown: RulePage = {
  example: {
    situation: 'A misspelt field in a file, which `atlas-admission check` reads.',
    manifests: exampleMigration(`${plainSpec}
revisionSchema: app_revisions`),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    message: [
      '[field-unknown] AtlasMigration shop/shop: spec.revisionSchema: AtlasMigration has no such field, so the API server drops it; expected: fields of the custom resource definition (operator 0.7 and 0.8); fix: write revisionsSchema',
    ],
  },
  steps: [
    'Correct the name of the field, or remove it. `kubectl explain atlasmigration.spec` lists the fields of your cluster.',
    '`kubectl apply --server-side --validate=strict` refuses such a field, too.',
  ],
  milder: [],
  notes: [
    'An object that comes from an API server is never found by this rule: the API server has dropped the field by then.',
    '`spec.schema` is a field of AtlasSchema. An AtlasMigration takes the schema from its URL.',
  ],
}
