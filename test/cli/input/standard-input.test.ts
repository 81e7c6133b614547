import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { readStandardInput } from '../../../src/cli/input/standard-input.js'

void t.test('everything that comes is the text, and nobody listens afterwards', async t => {
  const input = new PassThrough()
  const signals = new EventEmitter()
  const read = readStandardInput(input, signals)
  input.write('kind: ')
  input.end('Secret')
  t.equal(await read, 'kind: Secret')
  t.strictSame(signals.eventNames(), [])
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  void t.test(`${signal} ends the wait for input that does not come`, async t => {
    const input = new PassThrough()
    const signals = new EventEmitter()
    const read = readStandardInput(input, signals)
    input.write('kind: ')
    signals.emit(signal)
    t.equal(await read, '')
    t.equal(input.destroyed, true)
    t.strictSame(signals.eventNames(), [])
  })

void t.test('input that fails is no text', async t => {
  const input = new PassThrough()
  const read = readStandardInput(input, new EventEmitter())
  input.destroy(new Error('broken pipe'))
  await t.rejects(read, { message: 'broken pipe' })
})
