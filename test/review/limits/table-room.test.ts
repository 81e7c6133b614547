import { test } from 'tap'
import { TableRoom } from '../../../src/review/limits/table-room.js'

void test('Whoever finds no room waits, and the namespace that has least is next', async t => {
  const room = new TableRoom(10)
  const first = room.take('a', 4)
  const second = room.take('a', 6)
  t.notOk(room.fits(1))
  const order: string[] = []
  const wait = async (namespace: string, bytes: number) => {
    const release = await room.wait(namespace, bytes)
    order.push(namespace)
    return release
  }
  const longest = wait('a', 4)
  const neighbour = wait('b', 4)
  const huge = wait('c', 20)
  first()
  const releaseNeighbour = await neighbour
  t.strictSame(order, ['b'], 'not the one that has waited longest, whose namespace has the rest')
  second()
  const releaseLongest = await longest
  releaseNeighbour()
  releaseLongest()
  const releaseHuge = await huge
  t.strictSame(order, ['b', 'a', 'c'], 'what is larger than all room gets it alone')
  t.notOk(room.fits(1))
  releaseHuge()
  t.ok(room.fits(10))
})
