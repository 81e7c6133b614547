import { test } from 'tap'
import type { Rule } from '../../../src/policy/facts/finding.js'
import { evaluateInTurns, Turns } from '../../../src/review/verdict/turns.js'
import { buildFacts } from '../../policy/facts/facts-builder.js'

void test('Rules that take long let others go first, and find the same', async t => {
  const order: string[] = []
  const slow = (id: string) => ({
    id,
    evaluate: () => {
      const end = performance.now() + 15
      while (performance.now() < end);
      order.push(id)
      return { found: id }
    },
  })
  const rules = [slow('first'), slow('second')] as unknown as readonly Rule[]
  setImmediate(() => order.push('somebody else'))
  const found = await evaluateInTurns(buildFacts({}), {
    rules,
    onThrow: () => undefined,
    turns: new Turns(),
  })
  t.same(order, ['first', 'somebody else', 'second'])
  t.same(
    found.map(({ rule }) => rule.id),
    ['first', 'second'],
  )
})

void test('Each round of the event loop belongs to one review', async t => {
  const turns = new Turns()
  const order: string[] = []
  const taken = ['a', 'b', 'c'].map(async name => {
    await turns.next()
    order.push(name)
    setImmediate(() => order.push(`after ${name}`))
  })
  await Promise.all(taken)
  t.strictSame(order, ['a', 'after a', 'b', 'after b', 'c'])
})
