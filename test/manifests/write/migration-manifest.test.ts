import t from 'tap'
import { editMigrationManifest } from '../../../src/manifests/write/migration-manifest.js'

const edit = { namespace: 'shop', name: 'shop-schema', configMap: 'shop-merged' }

const commented = `# The schema of the shop.
apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata:
  name: shop-schema # the name stays
  namespace: shop
  labels: {team: shop}

spec:
  # Where the database is.
  urlFrom:
    secretKeyRef:
      name: shop-database
      key: url
  dir:
    configMapRef:
      name: shop-schema # the directory
  protectedFlows:
    migrateDown:
      allow: true
      autoApprove: true
  vars:
  - key: a
    value: "a very long text that would be folded by a printer which thinks that eighty columns are enough for anyone"
`

void t.test('only the name of the ConfigMap and the permission to go down change', t => {
  const expected = commented
    .replace('name: shop-schema # the directory', 'name: shop-merged # the directory')
    .replace('allow: true', 'allow: false')
    .replace('labels: {team: shop}', 'labels: { team: shop }')
  const labels = 'labels: { team: shop }'
  t.strictSame(editMigrationManifest(commented, edit), {
    before: commented.replace('labels: {team: shop}', labels),
    after: expected,
  })
  t.end()
})

const head = `apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata:
  name: shop-schema
  namespace: shop
`

const other = head.replace('shop-schema', 'shop-seed')

const wanted = `${head}spec:
  url: postgres://h/d
  dir:
    configMapRef:
      name: shop-merged
`

type Case = [title: string, text: string, printed: string | null]

const cases: readonly Case[] = [
  [
    'files in the object itself give way to the ConfigMap',
    `${head}spec:\n  url: postgres://h/d\n  dir:\n    local:\n      1.sql: x\n`,
    wanted,
  ],
  ['an object without a directory gets one', `${head}spec:\n  url: postgres://h/d\n`, wanted],
  [
    'other documents are left out',
    `- 1\n---\n${other}---\n${head}spec:\n  url: postgres://h/d\n---\nkind: Other\n`,
    wanted,
  ],
  [
    'an item of a list stands alone',
    `# a list\napiVersion: v1\nkind: List\nitems:\n- 1\n- apiVersion: db.atlasgo.io/v1alpha1
  kind: AtlasMigration
  metadata:
    name: shop-schema
    namespace: shop
  spec:
    url: postgres://h/d
`,
    wanted,
  ],
  [
    'lists with spaces keep them',
    `${head}spec:\n  vars:\n    - key: a\n`,
    `${head}spec:\n  vars:\n    - key: a\n  dir:\n    configMapRef:\n      name: shop-merged\n`,
  ],
  ['the object is not there', `${other}spec: {}\n`, null],
  ['another kind has the name', `apiVersion: v1\nkind: List\nitems: {}\n`, null],
  ['the text cannot be read', `${head}spec: {\n`, null],
  [
    'a directory that two objects share by an alias is not touched',
    `${head}spec:\n  url: &u postgres://h/d\n  devURL: *u\n  dir: &d\n    configMapRef: {name: a}\n  cloud: *d\n`,
    null,
  ],
  [
    'an object whose name is an alias is not looked for',
    `apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata: {labels: {a: &n shop-schema}, name: *n, namespace: shop}
`,
    null,
  ],
  [
    'nor is one that is an alias itself',
    `${head}spec:\n  url: postgres://h/d\n  cloud: &d {configMapRef: {name: a}}\n  dir: *d\n`,
    null,
  ],
]

for (const [title, text, printed] of cases)
  void t.test(title, async t => {
    t.equal(editMigrationManifest(text, edit)?.after ?? null, printed)
  })

void t.test('an object that names no namespace is one of the namespace default', async t => {
  const text = `${head.replace('  namespace: shop\n', '')}spec: {url: postgres://h/d}\n`
  t.match(editMigrationManifest(text, { ...edit, namespace: 'default' }), {
    after: 'name: shop-merged',
  })
  t.equal(editMigrationManifest(text, edit), null)
})
