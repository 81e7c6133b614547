import { once } from 'node:events'
import t from 'tap'
import { interruptible } from '../../../src/cli/line/interruptible.js'
import type { StopSignal } from '../../../src/cli/line/stop-signal.js'

/** `interrupt` does what a Ctrl-C does; `closed` tells whether anybody still listens for one. */
function buildStop() {
  let isReceived = false
  let closed = false
  let resolve!: () => void
  const received = new Promise<void>(done => (resolve = done))
  const stop: StopSignal = {
    received,
    isReceived: () => isReceived,
    close: () => (closed = true),
  }
  const interrupt = () => {
    isReceived = true
    resolve()
  }
  return { stop, interrupt, closed: () => closed }
}

void t.test('work that nobody interrupts tells the exit code, or why there is none', async t => {
  const { stop, closed } = buildStop()
  t.equal(await interruptible(async () => 1, stop), 1)
  t.equal(closed(), true)
  const failing = async () => {
    throw new Error('broken')
  }
  await t.rejects(interruptible(failing, buildStop().stop), { message: 'broken' })
})

void t.test('a Ctrl-C fires the signal, and what fails of it is no complaint', async t => {
  const { stop, interrupt } = buildStop()
  const code = interruptible(async signal => {
    await once(signal, 'abort')
    throw new Error('interrupted')
  }, stop)
  interrupt()
  t.equal(await code, 130)
})

void t.test('an answer that comes after a Ctrl-C does not count', async t => {
  const { stop, interrupt } = buildStop()
  const code = interruptible(async signal => {
    await once(signal, 'abort')
    return 0
  }, stop)
  interrupt()
  t.equal(await code, 130)
})
