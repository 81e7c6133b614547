export const migration = (name: string, more: object = {}, namespace = 'shop') => ({
  apiVersion: 'db.atlasgo.io/v1alpha1',
  kind: 'AtlasMigration',
  metadata: { name, namespace },
  spec: { url: 'postgres://db/app', dir: { configMapRef: { name: 'files' } }, ...more },
})
const configMap = (name: string, keys: readonly string[], more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop' },
  data: Object.fromEntries(keys.map(key => [key, 'x'])),
  ...more,
})
const labelled = { labels: { 'atlas-admission.io/database': 'true' } }
const secret = (name: string, metadata: object, value = 'x') => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'shop', ...metadata },
  stringData: { url: value },
})
const inNamespace = <T extends { readonly metadata: object }>(object: T, namespace: string) => ({
  ...object,
  metadata: { ...object.metadata, namespace },
})

/** Made before anybody is asked. */
export const existing = [
  migration('old'),
  migration('large', { dir: { local: largeFiles() } }),
  configMap('files', ['1.sql', 'atlas.sum']),
  configMap('emptied', ['atlas.sum']),
  configMap('held', ['atlas.sum'], held()),
  configMap('crowded', [], { data: dearKeys('a', 2500), binaryData: { 'atlas.sum': '' } }),
  configMap('dear', [], { data: dearKeys('a'), binaryData: dearKeys('b') }),
  configMap('large', [], { data: largeFiles() }),
  configMap('plain', ['app.properties']),
  secret('database', labelled),
  secret('other', {}),
]

function held(): object {
  return { metadata: { name: 'held', namespace: 'shop', finalizers: ['example.com/hold'] } }
}

/**
 * Keys as long as one may be: each costs a match condition 84 units (Kubernetes 1.36). 1,000 of them are looked at in each
 * of the four maps of a write.
 */
function dearKeys(letter: string, count = 1000, value = ''): Readonly<Record<string, string>> {
  const numbers = Array.from({ length: count }, (_, index) => index)
  return Object.fromEntries(numbers.map(number => [`${number}`.padStart(253, letter), value]))
}

/** 880 kB. */
function largeFiles(): Readonly<Record<string, string>> {
  const numbers = Array.from({ length: 400 }, (_, index) => index)
  return Object.fromEntries(numbers.map(number => [`${number}.sql`, '-- comment\n'.repeat(200)]))
}

export const migrations = 'validate.atlas-admission.io'
const configMaps = 'configmaps.validate.atlas-admission.io'
const secrets = 'secrets.validate.atlas-admission.io'
const metadataOnly = (object: { readonly metadata: object }) => ({
  ...object,
  metadata: { ...object.metadata, annotations: { note: 'changed' } },
})
const keep = (name: string) => configMap(name, ['1.sql', 'atlas.sum'])

/** Writes of objects of the namespace `shop`, with the webhook that each has to wait for; null: none. */
export const writes: readonly [
  title: string,
  webhook: string | null,
  verb: string,
  object: object,
][] = [
  ['a new AtlasMigration', migrations, 'create', migration('new')],
  ['a changed spec', migrations, 'replace', migration('old', { baseline: '1' })],
  ['an unchanged spec', null, 'replace', metadataOnly(migration('old'))],
  [
    'an unchanged large spec',
    null,
    'replace',
    metadataOnly(migration('large', { dir: { local: largeFiles() } })),
  ],
  ['an AtlasMigration that goes', null, 'delete', migration('old')],
  ['an AtlasMigration in kube-system', null, 'create', migration('new', {}, 'kube-system')],
  ['an AtlasMigration beside us', null, 'create', migration('new', {}, 'atlas-admission')],
  ['a ConfigMap with migrations', configMaps, 'create', configMap('new', ['1.sql'])],
  ['a ConfigMap with atlas.sum', configMaps, 'create', configMap('new', ['atlas.sum'])],
  ['a key that looks like one', configMaps, 'create', configMap('new', ['1.SQL'])],
  ['a packed one', configMaps, 'create', configMap('new', ['1.sql.gz'])],
  [
    'a key of binaryData',
    configMaps,
    'create',
    configMap('new', [], { binaryData: { '1.sql': 'eA==' } }),
  ],
  [
    'a ConfigMap with something else',
    null,
    'create',
    configMap('new', ['sqlite.conf', 'a.properties']),
  ],
  ['a ConfigMap without anything', null, 'create', configMap('new', [], { data: undefined })],
  [
    'a changed directory',
    configMaps,
    'replace',
    configMap('files', ['1.sql', '2.sql', 'atlas.sum']),
  ],
  ['an emptied directory', configMaps, 'replace', configMap('emptied', ['README'])],
  [
    'a directory that is emptied under more keys than a condition could pay for',
    configMaps,
    'replace',
    configMap('crowded', [], { data: dearKeys('b', 10_500) }),
  ],
  [
    'a directory that is emptied while it is being deleted',
    configMaps,
    'replace',
    configMap('held', ['README'], held()),
  ],
  [
    'a ConfigMap with the dearest keys and no migration',
    null,
    'replace',
    configMap('dear', [], { data: dearKeys('a', 1000, 'x'), binaryData: dearKeys('b') }),
  ],
  ['an unchanged directory', null, 'replace', metadataOnly(keep('files'))],
  [
    'an unchanged large directory',
    null,
    'replace',
    metadataOnly(configMap('large', [], { data: largeFiles() })),
  ],
  ['a directory that goes', configMaps, 'delete', configMap('files', [])],
  ['another ConfigMap that goes', null, 'delete', configMap('plain', [])],
  [
    'a directory in kube-system',
    null,
    'create',
    inNamespace(configMap('new', ['1.sql']), 'kube-system'),
  ],
  ['a Secret with the label', secrets, 'create', secret('new', labelled)],
  ['a Secret without it', null, 'create', secret('new', {})],
  ['a changed Secret', secrets, 'replace', secret('database', labelled, 'y')],
  ['a Secret that loses the label with its value', secrets, 'replace', secret('database', {}, 'y')],
  [
    'an unchanged Secret',
    null,
    'replace',
    secret('database', { ...labelled, annotations: { note: 'changed' } }),
  ],
  ['another Secret', null, 'replace', secret('other', {}, 'y')],
  ['a Secret that goes', secrets, 'delete', secret('database', {})],
]
