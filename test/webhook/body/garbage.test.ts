import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { BodyGarbage } from '../../../src/webhook/body/garbage.js'

const made = () => new WeakRef({ left: true })

void t.test('what nobody needs any more is collected once enough bytes have come', async t => {
  const garbage = new BodyGarbage(1000)
  for (const round of ['the first time', 'and again']) {
    garbage.add(600)
    const left = made()
    // What a WeakRef was made of stays until its turn of the event loop is over.
    await turn()
    garbage.add(600)
    t.equal(left.deref(), undefined, round)
    await turn()
  }
})

void t.test('a few bytes cost no collection', async t => {
  const garbage = new BodyGarbage(1000)
  const begun = process.memoryUsage().arrayBuffers
  let left: Buffer | null = Buffer.alloc(8 * 1024 * 1024)
  t.equal(left.length, 8 * 1024 * 1024)
  left = null
  garbage.add(999)
  t.ok(process.memoryUsage().arrayBuffers >= begun + 8 * 1024 * 1024)
})
