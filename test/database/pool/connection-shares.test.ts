import { test } from 'tap'
import {
  ConnectionPool,
  type Pooled,
  type PoolTarget,
} from '../../../src/database/pool/connection-pool.js'
import { ConnectionShares } from '../../../src/database/pool/connection-shares.js'

/** How many the user gets when nobody gives anything back. */
function takeAll(shares: ConnectionShares, namespace: string, hostOf: (index: number) => string) {
  for (let count = 0; ; count++) {
    const user = { namespace, host: hostOf(count) }
    if (!shares.admits(user)) return count
    shares.take(user)
  }
}

void test('Whoever comes finds a connection, however many others hold', async t => {
  const shares = new ConnectionShares(50)
  const everywhere = (index: number) => `host-${index}`
  const held = ['a', 'b', 'c', 'd'].map(namespace => takeAll(shares, namespace, everywhere))
  t.same(held, [25, 13, 6, 3])
  t.equal(shares.admits({ namespace: 'late', host: 'host-0' }), true)
})

void test('One server holds half of all at most, and leaves a part of that to every namespace', async t => {
  const shares = new ConnectionShares(50)
  const here = () => 'shared'
  t.same(
    ['a', 'b', 'c', 'd'].map(namespace => takeAll(shares, namespace, here)),
    [13, 6, 3, 2],
  )
  t.equal(shares.admits({ namespace: 'late', host: 'shared' }), true)
  t.equal(shares.admits({ namespace: 'a', host: 'shared' }), false)
  t.equal(shares.admits({ namespace: 'a', host: 'another' }), true)
})

void test('What is given back is free again', async t => {
  const shares = new ConnectionShares(1)
  const user = { namespace: 'a', host: 'h' }
  shares.take(user)
  t.equal(shares.admits(user), false)
  t.equal(shares.admits({ namespace: 'b', host: 'other' }), false)
  shares.giveBack(user)
  t.equal(shares.admits(user), true)
})

const connection: Pooled = { settled: async () => true, end: () => {}, onClose: () => {} }

void test('Those who wait are served in their order, but for whose share is used up', async t => {
  const pool = new ConnectionPool<Pooled>({ perTarget: 9, total: 4, idleMs: 60_000 })
  const { signal } = new AbortController()
  const order: string[] = []
  const target = (namespace: string, index: number): PoolTarget => ({
    key: `${namespace}${index}`,
    namespace,
    host: `${namespace}${index}`,
  })
  const take = async (namespace: string, index: number) => {
    const wanted = target(namespace, index)
    const taken = await pool.take(wanted, async () => ({ ...connection }), signal)
    order.push(wanted.key)
    return () => pool.giveBack(wanted, taken.connection)
  }
  const release = await take('a', 1)
  await take('a', 2)
  const third = take('a', 3)
  const fourth = take('a', 4)
  await take('b', 1)
  t.same(order, ['a1', 'a2', 'b1'], 'a namespace with two of four lets the next one pass')
  await release()
  await third
  t.same(order, ['a1', 'a2', 'b1', 'a3'])
  await (
    await third
  )()
  await fourth
  t.same(order, ['a1', 'a2', 'b1', 'a3', 'a4'])
  t.ok(pool.size <= 4, 'idle connections gave way')
})

void test('Of those who wait, the namespace that holds fewest is served first', async t => {
  const pool = new ConnectionPool<Pooled>({ perTarget: 9, total: 6, idleMs: 60_000 })
  const { signal } = new AbortController()
  const order: string[] = []
  const take = async (namespace: string, name: string) => {
    const target = { key: name, namespace, host: name }
    const { connection: taken } = await pool.take(target, async () => connection, signal)
    order.push(name)
    return () => pool.giveBack(target, taken)
  }
  const held = await Promise.all(['a1', 'a2', 'a3'].map(name => take('a', name)))
  const others = await Promise.all(['b1', 'c1', 'd1'].map(name => take(name, name)))
  const waiting = [take('a', 'a4'), take('a', 'a5'), take('late', 'late1')]
  await held[0]!()
  await waiting[2]
  t.strictSame(order.slice(6), ['late1'], 'not those who have waited longer, of whom one holds two')
  for (const giveBack of [...held.slice(1), ...others]) await giveBack()
  await Promise.all(waiting)
  t.strictSame(order.slice(6), ['late1', 'a4', 'a5'])
  pool.close()
})
