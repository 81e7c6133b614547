import { test } from 'tap'
import { type BreakerUse, CircuitBreaker } from '../../../src/database/pool/circuit-breaker.js'
import {
  connectTimeout,
  DatabaseFault,
  noConnection,
} from '../../../src/database/fault/database-fault.js'

const { signal } = new AbortController()
const own: BreakerUse = { key: 'k', isBackground: false, signal }
const background: BreakerUse = { ...own, isBackground: true }

/** A breaker with a clock that the test sets, and work that is counted. */
function build() {
  const clock = { ms: 0 }
  const breaker = new CircuitBreaker(() => clock.ms)
  let attempts = 0
  const run = (use: BreakerUse, work: () => Promise<string>) =>
    breaker.run(use, () => {
      attempts += 1
      return work()
    })
  return { clock, run, attempts: () => attempts }
}

const fail = () => Promise.reject(connectTimeout())
const succeed = async () => 'read'

/** Work that ends when the test says so. */
function pending() {
  const ends: { resolve: (value: string) => void; reject: (error: Error) => void }[] = []
  const work = () => new Promise<string>((resolve, reject) => ends.push({ resolve, reject }))
  return { work, ends }
}

void test('After a failure the background waits, longer each time, and then tries once', async t => {
  const { clock, run, attempts } = build()
  await t.rejects(run(background, fail), { message: noConnection })
  await t.rejects(
    run(background, succeed),
    { message: noConnection },
    'what is known is said again',
  )
  t.equal(attempts(), 1)
  for (const [index, pauseMs] of [
    1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000,
  ].entries()) {
    clock.ms += pauseMs - 1
    await t.rejects(run(background, fail))
    t.equal(attempts(), index + 1, `not within ${pauseMs} ms`)
    clock.ms += 1
    await t.rejects(run(background, fail))
    t.equal(attempts(), index + 2, `after ${pauseMs} ms`)
  }
  clock.ms += 60_000
  t.equal(await run(background, succeed), 'read')
  t.equal(await run(background, succeed), 'read', 'and all is well')
})

void test('In the background one attempt at a time is made', async t => {
  const { clock, run, attempts } = build()
  await t.rejects(run(own, fail))
  clock.ms = 1000
  const { work, ends } = pending()
  const attempt = run(background, work)
  await t.rejects(run(background, succeed), { message: noConnection })
  t.equal(attempts(), 2)
  ends[0]!.resolve('read')
  t.equal(await attempt, 'read')
  t.equal(await run(background, succeed), 'read')
})

void test('A review is never without an attempt, and shares the end of one that is under way', async t => {
  const { run, attempts } = build()
  await t.rejects(run(own, fail))
  await t.rejects(run(own, fail))
  t.equal(attempts(), 2, 'the next one tries again at once')
  const { work, ends } = pending()
  const first = run(own, work)
  const others = [run(own, succeed), run(own, succeed)]
  t.equal(attempts(), 3)
  ends[0]!.reject(new DatabaseFault('refused', 'closed'))
  for (const attempt of [first, ...others]) await t.rejects(attempt, { message: 'closed' })
  t.equal(attempts(), 3)
  const again = pending()
  const good = run(own, again.work)
  const more = [run(own, succeed), run(own, succeed)]
  again.ends[0]!.resolve('read')
  t.same(await Promise.all([good, ...more]), ['read', 'read', 'read'])
  t.equal(attempts(), 6, 'a success lets everybody through')
})

void test('An attempt that was cut short by its own deadline says nothing', async t => {
  const { run, attempts } = build()
  const short = new AbortController()
  await t.rejects(run(own, fail))
  const { work, ends } = pending()
  const cut = run({ ...own, signal: short.signal }, work)
  const waiting = run(own, succeed)
  short.abort()
  ends[0]!.reject(connectTimeout())
  await t.rejects(cut)
  t.equal(await waiting, 'read', 'whoever waited tries')
  t.equal(attempts(), 3)
})

void test('Whoever has no time left is told what is known', async t => {
  const { run } = build()
  await t.rejects(run(own, () => Promise.reject(new DatabaseFault('refused', 'closed'))))
  const { work, ends } = pending()
  const attempt = run(own, work)
  const hurried = new AbortController()
  const waiting = run({ ...own, signal: hurried.signal }, succeed)
  const late = run({ ...own, signal: AbortSignal.abort() }, succeed)
  hurried.abort()
  await t.rejects(waiting, { message: 'closed' })
  await t.rejects(late, { message: 'closed' })
  ends[0]!.resolve('read')
  t.equal(await attempt, 'read')
})

void test('What fails for one login is no matter of another, and a server that answers is there', async t => {
  const { run } = build()
  await t.rejects(run(own, fail))
  t.equal(await run({ ...background, key: 'other' }, succeed), 'read')
  const answer = Object.assign(new Error('locked'), { code: '55P03' })
  const locked = new DatabaseFault('timeout', 'locked', { cause: answer })
  for (const fault of [locked, new DatabaseFault('database-missing', 'none')]) {
    await t.rejects(run(own, fail))
    await t.rejects(run(own, () => Promise.reject(fault)))
    t.equal(await run(background, succeed), 'read', fault.failure)
  }
})

void test('Of several that fail together one counts', async t => {
  const { clock, run } = build()
  const { work, ends } = pending()
  const together = [run(own, work), run(own, work), run(own, work)]
  for (const end of ends) end.reject(connectTimeout())
  for (const attempt of together) await t.rejects(attempt)
  clock.ms = 1000
  t.equal(await run(background, succeed), 'read')
})
