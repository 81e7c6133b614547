import { test } from 'tap'
import type { Sameness } from '../../../src/policy/facts/facts.js'
import { fakeReviewer } from '../fake-reviewer.js'
import {
  fakeCluster,
  fakeReader,
  filesOf,
  migration,
  readTable,
  request,
  rowsOf,
  unhurriedDeadline,
  urlOf,
} from '../fakes.js'

const local = filesOf('1', '2', '3')
const complete = { ...readTable, revisions: rowsOf(local) }
const behind = { ...readTable, revisions: rowsOf(filesOf('1', '2')) }

/** The answer to a write of another URL, and which hosts were compared for it. */
async function move(sameness: Sameness, url: string) {
  const compared: string[] = []
  const reader = {
    ...fakeReader({ shop: complete, copy: behind }),
    compareDatabases: async ({ urls }: { urls: readonly { reveal(): string }[] }) => {
      compared.push(...urls.map(asked => new URL(asked.reveal()).host))
      return sameness
    },
  }
  const reviewer = fakeReviewer({ cluster: fakeCluster(), reader })
  const asWith = (text: string) => ({
    ...migration('app', { url: text, dir: { local } }),
    status: { lastAppliedVersion: '3' },
  })
  const write = request({ object: asWith(url), oldObject: asWith(urlOf('shop')) })
  return { answer: await reviewer.review(write, unhurriedDeadline()), compared }
}

void test('A move to a copy is a move, though the copy says that it is the same', async t => {
  for (const sameness of ['alike', 'unknown', 'different'] as const) {
    const { answer, compared } = await move(sameness, urlOf('copy', 'restored'))
    t.notOk(answer.allowed, sameness)
    t.ok(answer.findings.some(({ rule }) => rule === 'revision-table-incomplete'))
    t.strictSame(compared, ['db:5432', 'restored:5432'])
  }
})

void test('Another name of the same host is none where that is proven', async t => {
  const { answer } = await move('same', urlOf('copy', 'db.shop.svc'))
  t.ok(answer.allowed)
})

void test('The same host, port and database are not compared', async t => {
  const { answer, compared } = await move('unknown', `${urlOf('shop')}?application_name=app`)
  t.ok(answer.allowed)
  t.strictSame(compared, [])
})
