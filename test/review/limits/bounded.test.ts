import t from 'tap'
import { mapBounded } from '../../../src/review/limits/bounded.js'

void t.test('lets the event loop turn between pieces that wait for nothing', async t => {
  let turns = 0
  let isOver = false
  const count = () => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const seen = await mapBounded(
    Array.from({ length: 20 }, (_, at) => at),
    4,
    async value => [value, turns] as const,
  )
  isOver = true
  t.strictSame(
    seen.map(([value]) => value),
    Array.from({ length: 20 }, (_, at) => at),
  )
  t.equal(new Set(seen.map(([, turn]) => turn)).size, 20, 'each in a turn of its own')
})
