import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const objectDeletesItself: RulePage = {
  example: {
    situation: 'A chart makes the ConfigMap a hook, so that it is there before everything else.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250101_customers.sql: |
  CREATE TABLE customers (id int);
atlas.sum: |
  h1:sqfzfVbLBJjULujnyE35L0Z55jL1akm5wIZDmvI1pVw=
  20250101_customers.sql h1:+4J2PPQq+BQ5EVwWrU2LpXxlYcFr/WUc3pb3YEfUqYE=`).replace(
  '  name: shop-migrations\n',
  `  name: shop-migrations
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: hook-succeeded
`,
)}`,
    message: [
      '[object-deletes-itself] AtlasMigration shop/shop: Helm deletes ConfigMap shop-migrations as soon as it is applied: the next reconcile finds no files; fix: remove the hook: Helm applies a ConfigMap first; for Argo CD set a sync wave',
    ],
  },
  steps: [
    'Remove `helm.sh/hook` and `helm.sh/hook-delete-policy`. Helm applies a ConfigMap before an AtlasMigration without them. The first upgrade then needs `helm upgrade --take-ownership` (Helm 3.17), because what a hook made belongs to no release.',
    'In Argo CD, replace `argocd.argoproj.io/hook` by `argocd.argoproj.io/sync-wave: "-1"` on the ConfigMap: it is applied first, and stays.',
    'To hold the application back until the migration is through, give it a later sync wave than the AtlasMigration.',
  ],
  milder: [],
  notes: [
    'A hook without a delete policy has `before-hook-creation` in Helm, and `BeforeHookCreation` in Argo CD: it is deleted and made anew each time.',
    "A hook of Helm's installation alone, without `hook-succeeded`, stays and is not found. Argo CD runs Helm's hooks at every sync.",
    'An AtlasMigration that is made anew takes up its revisions table again, and nothing runs twice. What is lost is its status, and the dir-state Secret that it owns: undoing a migration then fails with "no dir-state found".',
    'Also found: `Force=true,Replace=true` of Argo CD, the label `cleanup.kyverno.io/ttl`, and `janitor/ttl` or `janitor/expires`.',
  ],
}
