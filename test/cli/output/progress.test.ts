import { EventEmitter } from 'node:events'
import t from 'tap'
import { openProgress } from '../../../src/cli/output/progress.js'

function openStream(terminal: { readonly isTTY: boolean; readonly columns?: number }) {
  const written: string[] = []
  const stream = Object.assign(new EventEmitter(), terminal, {
    write: (text: string) => written.push(text),
  })
  return { written, progress: openProgress(stream) }
}

void t.test('on a terminal one line is written again and again, and taken away', async t => {
  const { written, progress } = openStream({ isTTY: true, columns: 20 })
  progress.step('Reading databases')
  progress.count(3, 12)
  progress.end()
  const clear = '\r\u001B[2K'
  t.strictSame(written, [`${clear}Reading databases .`, `${clear}Reading databases 3`, clear])
  const wide = openStream({ isTTY: true })
  wide.progress.step('x'.repeat(100))
  t.strictSame(wide.written, [clear + 'x'.repeat(79)])
})

void t.test('elsewhere each stage is a line, without counts', async t => {
  const { written, progress } = openStream({ isTTY: false })
  progress.step('Reading databases')
  progress.count(3, 12)
  progress.step('Judging')
  progress.end()
  t.strictSame(written, ['Reading databases ...\n', 'Judging ...\n'])
})
