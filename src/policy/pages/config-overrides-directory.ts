import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const configOverridesDirectory: RulePage = {
  example: {
    situation:
      'A ConfigMap is named, and the selected environment of the config names another directory.',
    manifests: exampleMigration(`${plainSpec}
envName: production
config: |
  env "production" {
    migration { dir = "atlas://shop" }
  }`),
    directories: { 'shop-migrations': ['20250101_customers.sql'] },
    message: [
      "[config-overrides-directory] AtlasMigration shop/shop: the config's environment sets migration.dir: spec.dir is not what runs, nor checked; expected: one database and one directory per AtlasMigration, named by spec.dir; fix: remove that from the config",
    ],
  },
  steps: [
    'Remove `migration.dir` from the config: `spec.dir` is the place for it.',
    'Instead of `for_each`, make one AtlasMigration for each database; they may share the ConfigMap.',
  ],
  milder: [],
  notes: [
    'What the config says is then not checked: no file, no atlas.sum, no prediction. The audit annotation `not-checked` says so.',
  ],
}
