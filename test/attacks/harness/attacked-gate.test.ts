import { test } from 'tap'
import { reviewOf } from '../../webhook/running-server.js'
import { startAttackedGate } from './attacked-gate.js'

void test('the gate under attack is the built program, seen from outside', async t => {
  const gate = await startAttackedGate(t)
  const liveness = await gate.watchLiveness()
  const { response } = await gate.post(
    reviewOf({ operation: 'DELETE', oldObject: { metadata: {} } }),
  )
  t.equal(response.allowed, true, 'a deletion is never denied')
  const { answerMs, blockedMs } = await liveness.stop()
  t.ok(answerMs > 0, 'a probe was answered')
  if (process.platform === 'linux') t.ok(blockedMs > 0, 'the event loop was watched')
  t.ok(gate.isAlive())
  if (process.platform === 'linux') t.ok(gate.peakMemoryMib()! > 10)
})
