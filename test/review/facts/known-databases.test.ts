import t from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DatabaseIdentity } from '../../../src/policy/facts/facts.js'
import { ConcealedUrl } from '../../../src/review/url/concealed-url.js'
import { KnownDatabases } from '../../../src/review/facts/known-databases.js'
import { buildPatience, Patience } from '../../../src/review/limits/patience.js'
import { urlOf } from '../fakes.js'

const identity: DatabaseIdentity = { system: '7', database: '1', identifier: null }

function learner(answer: (host: string) => Promise<DatabaseIdentity | null>) {
  const clock = { now: 0 }
  const asked: string[] = []
  const reader = {
    readIdentity(url: { reveal(): string }) {
      const host = new URL(url.reveal()).hostname
      asked.push(host)
      return answer(host)
    },
  }
  const known = new KnownDatabases(reader, () => clock.now)
  const ask = (host: string, namespace = 'shop') =>
    known.identityOf(new ConcealedUrl(urlOf('app', host)), namespace)
  return { clock, asked, ask }
}

void t.test('each URL is learnt once, kept, and asked for again in the background', async t => {
  const answers = { live: identity as DatabaseIdentity | null }
  const { clock, asked, ask } = learner(async () => answers.live)
  t.same(await Promise.all([ask('a'), ask('a')]), [identity, identity])
  t.same(await ask('a'), identity)
  t.same(asked, ['a'])
  clock.now += 300_001
  answers.live = null
  t.same(await ask('a'), identity, 'what is known is given at once, however old')
  await sleep(10)
  t.same(asked, ['a', 'a'])
  t.same(await ask('a'), null)
})

void t.test('a database that does not answer is asked less and less', async t => {
  const { clock, asked, ask } = learner(() => Promise.reject(new Error('a mistake')))
  t.equal(await ask('dead'), null)
  for (const pause of [30_000, 60_000, 120_000]) {
    clock.now += pause - 1
    t.equal(await ask('dead'), null)
    const before = asked.length
    clock.now += 1
    await ask('dead')
    await sleep(5)
    t.equal(asked.length, before + 1, `again after ${pause} ms, not sooner`)
  }
})

void t.test('two hundred dead hosts have three connections, of one namespace two', async t => {
  let open = 0
  let most = 0
  const { asked, ask } = learner(async () => {
    most = Math.max(most, ++open)
    await sleep(1)
    open--
    return null
  })
  const hosts = Array.from({ length: 200 }, (_, index) => `dead${index}`)
  await Promise.all(hosts.map(host => ask(host)))
  t.equal(most, 2)
  await Promise.all(hosts.map((host, index) => ask(`other-${host}`, `tenant${index}`)))
  t.equal(most, 3)
  t.equal(asked.length, 400)
})

void t.test('patience is for all waits together', async t => {
  const never = new Promise<string>(() => {})
  const patience = new Patience(20)
  t.equal(patience.remainingMs, 20)
  t.equal(await patience.wait(Promise.resolve('known')), 'known')
  t.equal(await patience.wait(never), null)
  t.equal(patience.remainingMs, 0)
  t.equal(await patience.wait(never), null, 'at once')
  t.equal(await patience.wait(Promise.resolve('known')), 'known', 'what is there is not waited for')
  const endless = buildPatience({ within: Infinity, across: 1 }).within
  t.equal(await endless.wait(sleep(5, 'late')), 'late')
  t.ok(endless.remainingMs > 1000)
})
