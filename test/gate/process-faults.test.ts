import t from 'tap'
import { ProcessFaults } from '../../src/gate/process-faults.js'

void t.test('a fault ends a command, and is only reported while a server outlives it', async t => {
  const ended: unknown[] = []
  const reported: unknown[] = []
  const faults = new ProcessFaults(error => ended.push(error))
  faults.handle('first')
  faults.outlive({
    report: error => reported.push(error),
    isWorking: () => true,
  })
  for (const fault of [new Error('second'), undefined, null]) faults.handle(fault)
  t.strictSame(ended, ['first'])
  t.equal(reported.length, 3)
})

void t.test('a server that no longer listens has nothing to go on for', async t => {
  const faults = new ProcessFaults(() => {})
  faults.outlive({ report: () => {}, isWorking: () => false })
  faults.handle(new Error())
  await t.resolves(faults.broken)
})
