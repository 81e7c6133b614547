import { test } from 'tap'
import { fakeReviewer } from '../fake-reviewer.js'
import type { RevisionsReader } from '../../../src/review/ports/ports.js'
import { fakeCluster, filesOf, migration, request, unhurriedDeadline } from '../fakes.js'

const mysql = 'mysql://root:hunter2@db:3306/shop'
const withoutPassword = 'mysql://root@db:3306/shop'

interface Other {
  readonly url: string
  readonly namespace?: string
  readonly revisionsSchema?: string
  readonly versions?: readonly string[]
}

/** What the rule finds in a new AtlasMigration of two files, and how often a database was asked. */
async function beside(other: Other, url = mysql) {
  const asked = { times: 0 }
  const failing = async () => {
    asked.times++
    return null
  }
  const reader: RevisionsReader = {
    readTable: async () => ({ kind: 'failed', failure: 'unreachable', message: 'no server' }),
    readIdentity: failing,
    compareDatabases: async () => (await failing()) ?? 'unknown',
  }
  const { revisionsSchema, versions = ['3'], namespace = 'shop' } = other
  const made = migration('seed', {
    url: other.url,
    ...(revisionsSchema && { revisionsSchema }),
    dir: { local: filesOf(...versions) },
  })
  const reviewer = fakeReviewer({
    cluster: fakeCluster({
      migrations: [{ ...made, metadata: { ...made.metadata, namespace } }],
    }),
    reader,
  })
  const object = migration('app', { url, dir: { local: filesOf('1', '2') } })
  const answer = await reviewer.review(request({ object }), unhurriedDeadline())
  const found = answer.findings.find(({ rule }) => rule === 'revision-table-shared')
  return { action: found?.result ?? null, text: JSON.stringify(answer), asked: asked.times }
}

void test('equal URLs are one table, and no database is asked', async t => {
  t.match(await beside({ url: mysql }), { action: 'denied', asked: 0 })
  t.match(await beside({ url: mysql, versions: ['1', '2'] }), { action: 'warned' })
  t.match(await beside({ url: 'mysql://root:other@db:3306/shop' }), { action: null, asked: 0 })
  t.match(await beside({ url: mysql, revisionsSchema: 'other' }), { action: null })
  const sqlserver = 'sqlserver://sa:hunter2@db:1433?database=shop'
  t.match(await beside({ url: sqlserver }, sqlserver), { action: 'denied', asked: 0 })
})

void test('a PostgreSQL that cannot be reached is one table with its equal URL', async t => {
  const postgres = 'postgres://user:hunter2@db/shop'
  t.match(await beside({ url: postgres }, postgres), { action: 'denied', asked: 0 })
  const alias = 'postgres://user:hunter2@alias/shop'
  t.match(await beside({ url: alias }, postgres), { action: null, asked: 0 })
})

void test('a URL without a password may have been guessed in another namespace', async t => {
  const elsewhere = { namespace: 'stranger' }
  t.match(await beside({ url: mysql, ...elsewhere }), { action: 'denied', text: /stranger\/seed/ })
  t.match(await beside({ url: withoutPassword }, withoutPassword), { action: 'denied' })
  const guessed = await beside({ url: withoutPassword, ...elsewhere }, withoutPassword)
  t.match(guessed, { action: 'warned', text: /1 AtlasMigration of other namespaces may use/ })
  t.notMatch(guessed.text, /stranger/)
})

void test('a database that every run makes anew is shared with nobody', async t => {
  for (const url of ['sqlite://file?mode=memory', 'sqlite://:memory:', 'docker://mysql/8/dev'])
    t.match(await beside({ url }, url), { action: null }, url)
  const file = 'sqlite://shop.db'
  t.match(await beside({ url: file }, file), { action: 'denied' })
})
