import { test } from 'tap'
import type { TableFacts } from '../../../src/policy/facts/facts.js'
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
const complete: TableFacts = { ...readTable, revisions: rowsOf(local) }
const behind: TableFacts = { ...readTable, revisions: rowsOf(filesOf('1', '2')) }

interface Move {
  /** What the database named `shop` answers; absent: never anything. */
  readonly shop?: TableFacts | Error
  readonly copy: TableFacts
  readonly to: string
  readonly lastAppliedVersion: string
}

async function judge({ shop, copy, to, lastAppliedVersion }: Move) {
  const others = fakeReader({ copy })
  const reader = {
    ...others,
    readTable: async (...asked: Parameters<typeof others.readTable>) => {
      if (!asked[0].url.reveal().includes('/shop')) return others.readTable(...asked)
      if (shop instanceof Error) throw shop
      return shop ?? new Promise<never>(() => {})
    },
  }
  const reviewer = fakeReviewer({ cluster: fakeCluster(), reader })
  const asWith = (url: string) => ({
    ...migration('app', { url, dir: { local } }),
    status: { lastAppliedVersion },
  })
  const write = request({ object: asWith(to), oldObject: asWith(urlOf('shop')) })
  return reviewer.review(write, unhurriedDeadline())
}

void test('The table of the old database decides, whatever the status says', async t => {
  const to = urlOf('copy', 'new')
  const lost = await judge({ shop: complete, copy: behind, to, lastAppliedVersion: '2' })
  t.notOk(lost.allowed)
  t.match(lost.findings, [{ rule: 'revision-table-incomplete', result: 'denied' }])
  const faithful = await judge({ shop: behind, copy: behind, to, lastAppliedVersion: '3' })
  t.ok(faithful.allowed)
})

void test('An old database that never answers, or fails, leaves nothing undecided', async t => {
  const failed: TableFacts = { kind: 'failed', failure: 'unreachable', message: 'no route' }
  for (const shop of [undefined, failed, new Error('a fault')]) {
    const old = shop === undefined ? {} : { shop }
    const move = { ...old, copy: behind, to: urlOf('copy', 'new') }
    const fine = await judge({ ...move, lastAppliedVersion: '2' })
    t.ok(fine.allowed)
    t.equal(fine.verdict, 'pass')
    const lost = await judge({ ...move, lastAppliedVersion: '3' })
    t.notOk(lost.allowed, 'the status tells what ran')
    t.equal(lost.verdict, 'fail')
  }
})

void test('A database that stays where it was is not the old one, and leaves the write open', async t => {
  const failed: TableFacts = { kind: 'failed', failure: 'unreachable', message: 'no route' }
  const to = `${urlOf('shop')}?application_name=app`
  const answer = await judge({ shop: failed, copy: behind, to, lastAppliedVersion: '3' })
  t.equal(answer.verdict, 'error')
})
