import t from 'tap'
import type { AtlasMigration, ConfigMap } from '../../../src/policy/facts/atlas-migration.js'
import type { TableFacts } from '../../../src/policy/facts/facts.js'
import { ClusterError } from '../../../src/review/ports/cluster-error.js'
import { ConcealedUrl } from '../../../src/review/url/concealed-url.js'
import type { RevisionsReader } from '../../../src/review/ports/ports.js'
import { ServerTurns } from '../../../src/review/limits/server-turns.js'
import { claimsToBeSame } from '../../../src/policy/facts/same-database.js'
import {
  describeTable,
  groupByTable,
  type TableUser,
} from '../../../src/review/audit/table-grouping.js'
import {
  findTableGroups,
  readGroup,
  type TableSources,
} from '../../../src/review/audit/table-groups.js'
import {
  type ClusterObjects,
  configMap,
  fakeCluster,
  fakeReader,
  filesOf,
  migration,
  readTable,
  rowsOf,
  secret,
  urlOf,
} from '../fakes.js'

const files = filesOf('1', '2')
const nowhere = { kind: 'failed', failure: 'unreachable', message: 'cannot be reached' } as const

/** Tables by host: those of one system are one database. */
function readerOf(tables: Readonly<Record<string, TableFacts>>): RevisionsReader & {
  readonly asked: string[]
} {
  const asked: string[] = []
  const find = (url: { reveal(): string }, what: string) => {
    const { hostname } = new URL(url.reveal())
    asked.push(`${what} ${hostname}`)
    return tables[hostname] ?? nowhere
  }
  return {
    asked,
    readTable: async ({ url }) => find(url, 'table'),
    async compareDatabases({ urls }) {
      const [a, b] = urls.map(url => find(url, 'proof'))
      if (a?.kind !== 'read' || b?.kind !== 'read') return 'unknown'
      return claimsToBeSame(a.identity, b.identity) ? 'same' : 'alike'
    },
    async readIdentity(url) {
      const table = find(url, 'identity')
      if (table.kind !== 'read') return null
      // As the real one, which reads no rows for it.
      return { ...table.identity, identifier: null }
    },
  }
}

const on = (system: string, identifier: string | null = null): TableFacts => ({
  ...readTable,
  identity: { system, database: '1', identifier },
})

function sourcesOf(
  objects: ClusterObjects,
  reader: RevisionsReader = fakeReader({ shop: readTable }),
): TableSources {
  return {
    cluster: fakeCluster(objects),
    reader,
    turns: new ServerTurns({ total: 4, perServer: 1 }),
    limitMs: 5000,
    signal: new AbortController().signal,
  }
}

const at = (name: string, host: string, spec: AtlasMigration['spec'] = {}) =>
  migration(name, { url: urlOf('shop', host), dir: { local: files }, ...spec })

const names = (groups: readonly (readonly TableUser[])[]) =>
  groups.map(group => group.map(user => String(user.migration.metadata.name)).join(' '))

void t.test('one host needs no question, whatever it is called in the Secret', async t => {
  const reader = readerOf({})
  const objects = {
    migrations: [
      at('a', 'db'),
      at('b', 'db'),
      at('own', 'db', { revisionsSchema: 'own' }),
      migration('c', { urlFrom: { secretKeyRef: { name: 's', key: 'url' } } }),
      migration('gone', { url: urlOf('shop') }),
    ].map(object =>
      object.metadata.name === 'gone'
        ? { ...object, metadata: { ...object.metadata, deletionTimestamp: 'now' } }
        : object,
    ),
    secrets: { s: secret('s', { url: urlOf('shop') }) },
  }
  const { groups, apart } = await findTableGroups(sourcesOf(objects, reader))
  t.strictSame(names(groups), ['a b c', 'own'])
  t.strictSame(apart, [])
  t.strictSame(reader.asked, [])
  t.strictSame(groups.map(describeTable), [
    'db:5432/shop, schema atlas_schema_revisions',
    'db:5432/shop, schema own',
  ])
})

void t.test('two names of one server are one table, two servers are two', async t => {
  const reader = readerOf({ one: on('7'), same: on('7'), other: on('8') })
  const migrations = [at('a', 'one'), at('b', 'other'), at('c', 'same'), at('d', 'nowhere')]
  const { groups } = await findTableGroups(sourcesOf({ migrations }, reader))
  t.strictSame(names(groups), ['a c', 'b', 'd'])
})

void t.test('where the role may not know the server, the proof alone tells', async t => {
  const reader = readerOf({ one: on('', 'uuid'), same: on('', 'uuid'), other: on('', 'else') })
  const migrations = [at('a', 'one'), at('b', 'same'), at('c', 'other')]
  const { groups } = await findTableGroups(sourcesOf({ migrations }, reader))
  t.strictSame(names(groups), ['a b', 'c'])
})

void t.test(
  'a copy that says it is the same is another table, and so is one that cannot be asked',
  async t => {
    const copied = readerOf({ one: on('7'), copy: on('7') })
    const migrations = [at('a', 'one'), at('b', 'copy')]
    const asked = { ...copied, compareDatabases: async () => 'alike' as const }
    t.strictSame(names((await findTableGroups(sourcesOf({ migrations }, asked))).groups), [
      'a',
      'b',
    ])
    const unable: RevisionsReader = {
      readTable: (query, deadline) => copied.readTable(query, deadline),
      readIdentity: (url, deadline) => copied.readIdentity(url, deadline),
    }
    t.strictSame(names((await findTableGroups(sourcesOf({ migrations }, unable))).groups), [
      'a',
      'b',
    ])
  },
)

void t.test('at one address, a login that does not work is of nobody', async t => {
  const users = new Set(['owner', 'operator'])
  const reader: RevisionsReader = {
    readTable: async () => readTable,
    readIdentity: async url =>
      url.reveal().includes('//nobody') ? null : { system: '7', database: '1', identifier: null },
    async compareDatabases({ urls }) {
      const names = urls.map(url => new URL(url.reveal()).username)
      if (names.includes('nobody')) return 'unknown'
      return names.every(name => users.has(name)) ? 'same' : 'alike'
    },
  }
  const by = (name: string) => at(name, 'db', { url: `postgres://${name}:p@db/shop` })
  const migrations = ['nobody', 'owner', 'squatter', 'operator'].map(by)
  const { groups } = await findTableGroups(sourcesOf({ migrations }, reader))
  t.strictSame(names(groups), ['nobody', 'owner operator', 'squatter'])
})

void t.test('an object that we fail at stands apart', async t => {
  const broken = { ...migration('a', {}), spec: null as unknown as AtlasMigration['spec'] }
  const { apart } = await findTableGroups(sourcesOf({ migrations: [broken] }))
  t.match(apart, [{ reason: /failed at it/ }])
})

void t.test('who proves two groups to be one joins them', async t => {
  const user = (name: string, host: string, system: string | null): TableUser => ({
    migration: migration(name, {}),
    target: {
      dialect: 'postgres',
      host,
      port: 5432,
      database: 'shop',
      boundSchema: null,
      revisionsSchema: 's',
      fromSecret: false,
      fingerprint: host,
    },
    url: new ConcealedUrl(''),
    identity: system === null ? null : { system, database: '1', identifier: null },
  })
  const users = [
    user('a', 'h', '7'),
    user('x', 'z', '8'),
    user('b', 'i', null),
    user('c', 'i', '7'),
  ]
  const isProven = (a: TableUser, b: TableUser) =>
    a.identity !== null && a.identity.system === b.identity?.system
  t.strictSame(names(groupByTable(users, isProven)), ['a b c', 'x'])
})

const reference = { secretKeyRef: { name: 's', key: 'url' } }

type Apart = [name: string, spec: AtlasMigration['spec'], reason: string]

const apart: readonly Apart[] = [
  ['no target', {}, 'it names no database'],
  [
    'a URL that is none',
    { url: 'postgres://u:hunter2@h:x/d' },
    'its database URL cannot be used: the port of the URL is not a number',
  ],
  ['a missing Secret', { urlFrom: reference }, 'Secret s (spec.urlFrom.secretKeyRef) is not there'],
  [
    'a missing key',
    { urlFrom: { secretKeyRef: { name: 'some', key: 'url' } } },
    'Secret some (spec.urlFrom.secretKeyRef) has no key url',
  ],
  [
    'a Secret that cannot be read',
    { urlFrom: { secretKeyRef: { name: 'closed', key: 'url' } } },
    'Secret closed (spec.urlFrom.secretKeyRef) cannot be read: no right',
  ],
  [
    'a custom config',
    { config: 'env "x" { url = "a" }', envName: 'x' },
    'a custom atlas.hcl decides which database it is',
  ],
  [
    'another engine',
    { url: 'mysql://u:hunter2@h/d' },
    'only PostgreSQL databases are read, its is mysql',
  ],
]

for (const [name, spec, reason] of apart)
  void t.test(`${name}: it stands apart, and the reason is said`, async t => {
    const secrets = { some: secret('some', {}), closed: new ClusterError('no right') }
    const sources = sourcesOf({ migrations: [migration('a', spec)], secrets })
    const { groups, apart } = await findTableGroups(sources)
    t.strictSame(groups, [])
    t.match(apart, [{ migration: { metadata: { name: 'a' } } }])
    t.match(apart[0]?.reason, reason)
    t.notMatch(apart[0]?.reason, 'hunter2')
  })

void t.test('rows are read once for a group, by the first user that gets in', async t => {
  const locked = { kind: 'failed', failure: 'authentication', message: 'wrong password' } as const
  const reader: RevisionsReader & { readonly users: string[] } = {
    users: [],
    async readTable({ url }) {
      const { username } = new URL(url.reveal())
      this.users.push(username)
      return username === 'wrong' ? locked : { ...readTable, revisions: rowsOf(files) }
    },
    readIdentity: async () => null,
  }
  const migrations = [
    migration('a', { url: 'postgres://wrong:p@db/shop', dir: { local: files } }),
    migration('b', { url: 'postgres://right:p@db/shop', dir: { configMapRef: { name: 'files' } } }),
    migration('c', { url: 'postgres://never:p@db/shop', dir: { remote: { name: 'x' } } }),
  ]
  const sources = sourcesOf(
    { migrations, configMaps: { files: configMap('files', files) } },
    reader,
  )
  const { groups } = await findTableGroups(sources)
  const read = await readGroup(groups[0]!, sources)
  t.match(read.table, { kind: 'read', revisions: [{ version: '1' }, { version: '2' }] })
  t.strictSame(reader.users, ['wrong', 'right'])
  t.match(read.directories, [
    { kind: 'read', name: 'migration:shop/a' },
    { kind: 'read', name: 'configmap:shop/files' },
    { kind: 'unknown', reason: 'its directory is in Atlas Cloud and cannot be read here' },
  ])
})

type Unknown = [dir: AtlasMigration['spec'], reason: string]

const unknown: readonly Unknown[] = [
  [{}, 'it names no directory'],
  [
    { dir: { local: files, configMapRef: { name: 'x' } } },
    'it names two directories, local and configMapRef',
  ],
  [{ dir: { configMapRef: { name: 'none' } } }, 'ConfigMap none is not there'],
  [{ dir: { configMapRef: { name: 'closed' } } }, 'ConfigMap closed cannot be read: no right'],
  [
    { dir: { local: files }, envName: 'x', config: 'env "x" { migration { dir = "file://y" } }' },
    'a custom atlas.hcl decides how it migrates',
  ],
]

for (const [spec, reason] of unknown)
  void t.test(`a directory that is not known: ${reason}`, async t => {
    const configMaps: Record<string, ConfigMap | Error> = { closed: new ClusterError('no right') }
    const migrations = [migration('a', { url: urlOf('shop'), ...spec })]
    const sources = sourcesOf({ migrations, configMaps })
    const { groups } = await findTableGroups(sources)
    const { directories } = await readGroup(groups[0]!, sources)
    t.strictSame(directories, [{ kind: 'unknown', reason }])
  })

void t.test('the users of one server are asked in turn, those of others meanwhile', async t => {
  const turns = new ServerTurns({ total: 8, perServer: 1 })
  const order: string[] = []
  let release = () => {}
  const held = new Promise<void>(resolve => (release = resolve))
  const slow = turns.use(
    async () => 'slow',
    async () => {
      order.push('slow 1')
      await held
    },
  )
  const second = turns.use(
    async () => 'slow',
    async () => void order.push('slow 2'),
  )
  await turns.use(
    async () => 'other',
    async () => void order.push('other'),
  )
  t.strictSame(order, ['slow 1', 'other'])
  release()
  await Promise.all([slow, second])
  t.strictSame(order, ['slow 1', 'other', 'slow 2'])
})

void t.test('rows from a file have no address', async t => {
  const url = 'postgres://rows@0.rows.invalid/shop'
  const { groups } = await findTableGroups(sourcesOf({ migrations: [migration('a', { url })] }))
  t.strictSame(groups.map(describeTable), ['rows given for shop/a, schema atlas_schema_revisions'])
})
