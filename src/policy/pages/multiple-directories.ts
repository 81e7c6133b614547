import { exampleMigration, type RulePage } from './rule-page.js'

export const multipleDirectories: RulePage = {
  example: {
    situation: 'The schema is in a ConfigMap, and seed data is added inline.',
    manifests: exampleMigration(`
urlFrom:
  secretKeyRef: {name: shop-database, key: url}
dir:
  configMapRef: {name: shop-migrations}
  local:
    20250201_seed.sql: |
      INSERT INTO currencies VALUES ('EUR');`),
    message: [
      '[multiple-directories] AtlasMigration shop/shop: spec.dir sets local and configMapRef: "cannot use both configmaps and local directory"; fix: keep one; to join them, run atlas-admission consolidate',
      '- [multiple-directories] AtlasMigration shop/shop: spec.dir sets local and configMapRef: "cannot use both configmaps and local directory"; expected: one directory, with one atlas.sum over all of its files; fix: keep one; to join them, run atlas-admission consolidate',
    ],
  },
  steps: [
    'Put all files into one directory. Give two files with one version different versions; leave the names of files that ran as they are.',
    'A file that never ran needs a version newer than every row of the revisions table.',
    'Run `atlas migrate hash`, so that atlas.sum covers all files.',
    'Keep one of `configMapRef`, `local` and `remote`.',
  ],
  milder: [],
  notes: [
    'With `remote` the operator does not stop: it silently leaves the other directories out, so their files never run.',
  ],
}
