import { exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const configmapNotFound: RulePage = {
  example: {
    situation:
      'kustomize generates the ConfigMap, and does not know that an AtlasMigration refers to it.',
    manifests: exampleMigration(plainSpec),
    directories: { 'shop-migrations-4t8hg9m2k5': ['20250101_customers.sql'] },
    message: [
      '[configmap-not-found] AtlasMigration shop/shop: ConfigMap "shop-migrations" not found, but shop-migrations-4t8hg9m2k5 is (kustomize); expected: a ConfigMap of that name in the same namespace; fix: set disableNameSuffixHash, or add a nameReference',
    ],
  },
  steps: [
    'If the ConfigMap comes with the same delivery, do nothing: the operator waits for it, and it is checked when it comes.',
    'Otherwise correct `spec.dir.configMapRef.name`.',
    'With kustomize, set `generatorOptions.disableNameSuffixHash: true`, or teach it the field: `nameReference` with kind `AtlasMigration` and path `spec/dir/configMapRef/name` in a file under `configurations`.',
  ],
  milder: [],
  notes: [
    'It is never denied by default: many tools apply the AtlasMigration first, and a denial would keep the ConfigMap out as well.',
  ],
}
