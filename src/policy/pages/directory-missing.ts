import { exampleMigration, type RulePage } from './rule-page.js'

export const directoryMissing: RulePage = {
  example: {
    situation:
      'The directory is set in the custom atlas.hcl only; the operator does not accept that.',
    manifests: exampleMigration(`
envName: production
config: |
  env "production" {
    url = "postgres://db/shop"
    migration { dir = "file://migrations" }
  }`),
    message: [
      '[directory-missing] AtlasMigration shop/shop: spec.dir names no migration directory ("no directory specified"); fix: set spec.dir.configMapRef.name, spec.dir.local or spec.dir.remote.name',
      '- [directory-missing] AtlasMigration shop/shop: spec.dir names no migration directory ("no directory specified"); expected: one of configMapRef, local and remote.name; fix: set spec.dir.configMapRef.name, spec.dir.local or spec.dir.remote.name',
    ],
  },
  steps: [
    'Put the migration files and their atlas.sum into a ConfigMap of the same namespace, and name it in `spec.dir.configMapRef.name`.',
    'Or write them into `spec.dir.local`, or name a directory of Atlas Cloud in `spec.dir.remote.name`.',
  ],
  milder: [],
  notes: [
    'An empty `configMapRef.name` passes the CRD, but names nothing: it is reported here, too.',
  ],
}
