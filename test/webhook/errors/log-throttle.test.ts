import t from 'tap'
import { LogThrottle } from '../../../src/webhook/errors/log-throttle.js'

void t.test(
  'of many lines with one key the first are logged, and how many were left out',
  async t => {
    let now = 0
    const throttle = new LogThrottle(() => now)
    const enter = (times: number) =>
      Array.from({ length: times }, () => throttle.enter('a')).filter(place => place !== null)
    t.strictSame(
      enter(1000),
      Array.from({ length: 20 }, () => ({})),
    )
    t.strictSame(throttle.enter('b'), {}, 'another key has its own lines')
    now = 9_999
    t.strictSame(enter(1), [])
    now = 10_000
    t.strictSame(enter(3), [{ suppressed: 981 }, {}, {}])
    now = 20_000
    t.strictSame(enter(1), [{}], 'nothing was left out in between')
  },
)
