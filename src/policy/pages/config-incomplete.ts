import { exampleMigration, type RulePage } from './rule-page.js'

export const configIncomplete: RulePage = {
  example: {
    situation: 'A directory of Atlas Cloud without a token to read it with.',
    manifests: exampleMigration(`
urlFrom:
  secretKeyRef: {name: shop-database, key: url}
dir:
  remote: {name: shop, tag: 8c2f1ab}`),
    message: [
      '[config-incomplete] AtlasMigration shop/shop: spec.dir.remote without a cloud token ("cannot use remote directory without Atlas Cloud token"); fix: set spec.cloud.tokenFrom.secretKeyRef',
      '- [config-incomplete] AtlasMigration shop/shop: spec.dir.remote without a cloud token ("cannot use remote directory without Atlas Cloud token"); expected: a token, or a custom config that connects to Atlas Cloud; fix: set spec.cloud.tokenFrom.secretKeyRef',
    ],
  },
  steps: [
    'For a remote directory, put a token of Atlas Cloud into a Secret and name it in `spec.cloud.tokenFrom.secretKeyRef`.',
    'With a custom config, set `spec.envName` to the name of the env block that is to be used. Where the spec names no database, that block needs a `url`.',
    'With both, have `spec.cloud`, or an `atlas { cloud { token = … } }` block in the config.',
  ],
  milder: [
    'No env block with a `url`, in a config from a Secret, which can change without this object.',
  ],
  notes: [
    'A config from a Secret that cannot be read here is not judged: it may have what is needed.',
    'Without an atlas block and `spec.cloud` the operator does not stop with an error, it crashes, and starts again, for all its objects.',
  ],
}
