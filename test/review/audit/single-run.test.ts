import t from 'tap'
import type { TableFacts } from '../../../src/policy/facts/facts.js'
import { ClusterError } from '../../../src/review/ports/cluster-error.js'
import { ConcealedUrl } from '../../../src/review/url/concealed-url.js'
import type { DatabaseUrl, RevisionsReader } from '../../../src/review/ports/ports.js'
import { readForOneRun, rememberSecrets } from '../../../src/review/audit/single-run.js'
import { fakeCluster, readTable, secret, unhurriedDeadline, urlOf } from '../fakes.js'

const deadline = unhurriedDeadline()
const unreachable: TableFacts = { kind: 'failed', failure: 'unreachable', message: 'not there' }

function countingReader(tables: Readonly<Record<string, TableFacts>>) {
  const asked: string[] = []
  const find = (url: DatabaseUrl) => {
    const text = url.reveal()
    asked.push(text)
    return tables[text] ?? unreachable
  }
  const inner: RevisionsReader = {
    readTable: async ({ url }) => find(url),
    async readIdentity(url) {
      const table = find(url)
      return table.kind === 'read' ? table.identity : null
    },
  }
  return { asked, inner, reader: readForOneRun(inner) }
}

const query = (text: string) => ({
  url: new ConcealedUrl(text),
  revisionsSchema: 's',
  boundSchema: null,
  revisionsSchemaIsSet: false,
})

void t.test('a server that cannot be reached is asked once, others of that name on', async t => {
  const { asked, reader } = countingReader({ [urlOf('a', 'up')]: readTable })
  t.equal(await reader.readTable(query(urlOf('a', 'down')), deadline), unreachable)
  t.equal(await reader.readTable(query(urlOf('b', 'down')), deadline), unreachable)
  t.equal(await reader.readIdentity(new ConcealedUrl(urlOf('c', 'down')), deadline), null)
  t.equal(await reader.readTable(query(urlOf('a', 'up')), deadline), readTable)
  t.strictSame(asked, [urlOf('a', 'down'), urlOf('a', 'up')])
})

void t.test('a database that fails in another way is asked again', async t => {
  const failed: TableFacts = { kind: 'failed', failure: 'timeout', message: 'slow' }
  const { asked, reader } = countingReader({ [urlOf('a')]: failed })
  await reader.readTable(query(urlOf('a')), deadline)
  await reader.readTable(query(urlOf('a')), deadline)
  t.equal(asked.length, 2)
})

void t.test('each database says once which it is', async t => {
  const { asked, reader } = countingReader({ [urlOf('a')]: readTable, [urlOf('b')]: readTable })
  await reader.readTable(query(urlOf('a')), deadline)
  for (const name of ['a', 'b', 'b'])
    t.strictSame(
      await reader.readIdentity(new ConcealedUrl(urlOf(name)), deadline),
      readTable.identity,
    )
  t.strictSame(asked, [urlOf('a'), urlOf('b')])
})

void t.test('what could not be told is asked for again', async t => {
  const { asked, reader } = countingReader({})
  t.equal(await reader.readIdentity(new ConcealedUrl('no URL'), deadline), null)
  t.equal(await reader.readIdentity(new ConcealedUrl('no URL'), deadline), null)
  t.equal(asked.length, 2)
})

void t.test(
  'what cannot be reached is not compared, and who asks nobody compares nothing',
  async t => {
    const asking = countingReader({ [urlOf('a')]: readTable })
    t.notOk('compareDatabases' in asking.reader)
    const inner = { ...asking.inner, compareDatabases: async () => 'same' as const }
    const reader = readForOneRun(inner)
    const urls = [urlOf('a'), urlOf('b', 'down')].map(text => new ConcealedUrl(text))
    const question = { urls: [urls[0]!, urls[1]!] as const, revisionsSchema: 's' }
    t.equal(await reader.compareDatabases!(question, deadline), 'same')
    await reader.readTable(query(urlOf('a', 'down')), deadline)
    t.equal(await reader.compareDatabases!(question, deadline), 'unknown')
  },
)

void t.test('Secrets are read once, but for failures and what the operator keeps', async t => {
  const dirState = 'io.atlasgo.db.v1.schema.latest'
  const secrets = { url: secret('url', {}), closed: new ClusterError('no right') }
  const inner = fakeCluster({ secrets })
  const cluster = rememberSecrets(inner)
  for (let i = 0; i < 2; i++) {
    t.equal(await cluster.readSecret('shop', 'url', deadline), secrets.url)
    t.equal(await cluster.readSecret('shop', 'none', deadline), null)
    t.equal(await cluster.readSecret('shop', dirState, deadline), null)
    await t.rejects(cluster.readSecret('shop', 'closed', deadline), secrets.closed)
  }
  t.strictSame(inner.reads, [
    'Secret url',
    'Secret none',
    `Secret ${dirState}`,
    'Secret closed',
    `Secret ${dirState}`,
    'Secret closed',
  ])
})
