import { exampleMigration, type RulePage } from './rule-page.js'

export const remoteUnpinned: RulePage = {
  example: {
    situation: 'The tag that the guide of Atlas Cloud shows.',
    manifests: exampleMigration(`
urlFrom:
  secretKeyRef: {name: shop-database, key: url}
cloud:
  tokenFrom:
    secretKeyRef: {name: atlas-cloud, key: token}
dir:
  remote: {name: shop, tag: latest}`),
    message: [
      '[remote-unpinned] AtlasMigration shop/shop: the remote directory has the tag "latest": what runs can change without a write to this object; expected: a tag that never moves, such as a commit id; fix: set spec.dir.remote.tag',
    ],
  },
  steps: [
    'Have the pipeline push the directory with a tag that never moves (`atlas migrate push shop:$COMMIT`).',
    'Set `spec.dir.remote.tag` to it, so that git says what runs.',
  ],
  milder: [],
  notes: [
    'It is legal, so it is never denied by default. Set `remote-unpinned: deny` where every change must go through git.',
  ],
}
