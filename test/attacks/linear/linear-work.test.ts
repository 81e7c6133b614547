import { createHash } from 'node:crypto'
import { t, test } from 'tap'
import { growsLinearly, growsLinearlyInSteps } from './linear-work.js'

// Longer than tap's 30 s on a machine where many things run at once.
t.setTimeout(180_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=180000')

/** Notes what would have been asserted. */
function notingAssertions() {
  const asserted: boolean[] = []
  const t = {
    ok: (value: unknown) => asserted.push(Boolean(value)) > 0,
    comment: () => {},
  }
  return { t, asserted }
}

const texts = (units: number) => Array.from({ length: units }, (_, index) => `text ${index}`)

/** Looks for each text among all others, as a list instead of a Set does. */
const quadratic = (units: number) => {
  const all = texts(units)
  return () => all.filter(text => all.lastIndexOf(`${text}!`) !== -1)
}

const linear = (units: number) => {
  const text = 'x'.repeat(units)
  return () => createHash('sha256').update(text).digest('hex')
}

void test('A quadratic function fails the test of linear work, and a linear one passes', async t => {
  const slow = notingAssertions()
  growsLinearly(slow.t, 'quadratic', { prepare: quadratic, most: 4000 })
  await growsLinearlyInSteps(slow.t, 'quadratic', { prepare: quadratic, most: 4000 })
  t.strictSame(slow.asserted, [false, false])
  const quick = notingAssertions()
  growsLinearly(quick.t, 'linear', { prepare: linear, most: 32_000_000 })
  await growsLinearlyInSteps(quick.t, 'linear', { prepare: linear, most: 32_000_000 })
  t.strictSame(quick.asserted, [true, true])
})
