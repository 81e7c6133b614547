import t from 'tap'
import { appliedFileMissing } from '../../../src/policy/rules/applied-file-missing.js'
import type { DeliveredWrite } from '../../../src/review/delivery.js'
import { summarizeDelivery } from '../../../src/report/parts/delivery-objects.js'

const migration = { metadata: { namespace: 'app', name: 'shop' }, spec: {} }

/** A write that was denied for rows without a file, as one rule words it there. */
function denied(found: string, subjects: readonly string[]) {
  const finding = { found, expected: '', remedy: '', field: 'spec.dir', subjects }
  const judged = [{ rule: appliedFileMissing, finding, action: 'deny', introduced: true }]
  const evaluation = { affected: { after: { migration } }, judged }
  return { touched: [migration], evaluations: [evaluation], undecided: [] }
}

function foundOf(...writes: readonly ReturnType<typeof denied>[]): readonly string[] {
  // Only what a summary reads is given.
  const delivered = writes as unknown as readonly DeliveredWrite[]
  return summarizeDelivery(delivered).flatMap(({ judged }) => judged.map(one => one.finding.found))
}

void t.test('one cause is told once, as the write that brought it knew it', async t => {
  const removed = denied('applied files were removed: 3', ['3'])
  const unknown = denied('rows without a file: 3', ['3'])
  t.strictSame(foundOf(removed, unknown), ['applied files were removed: 3'])
  t.strictSame(foundOf(removed, denied('rows without a file: 4', ['4'])), [
    'rows without a file: 4',
    'applied files were removed: 3',
  ])
})
