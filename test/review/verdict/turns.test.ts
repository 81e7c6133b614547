import { test } from 'tap'
import { finish, SharedSteps, type Steps } from '../../../src/atlas/lineage/steps.js'
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
  const turns = new Turns()
  const somebodyElse = () =>
    setImmediate(() => (order.length > 0 ? order.push('somebody else') : somebodyElse()))
  somebodyElse()
  const found = await evaluateInTurns(buildFacts({}), {
    rules,
    onThrow: () => undefined,
    turn: () => turns.next('shop'),
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
  const stopped = new AbortController()
  const countRound = () => {
    if (stopped.signal.aborted) return
    order.push('round')
    setImmediate(countRound)
  }
  countRound()
  const taken = ['a', 'b', 'c'].map(async name => {
    await turns.next('shop')
    order.push(name)
  })
  await Promise.all(taken)
  stopped.abort()
  const rounds = order
    .join(' ')
    .split('round')
    .map(names => names.trim())
  t.strictSame(
    rounds.filter(names => names !== ''),
    ['a', 'b', 'c'],
  )
})

void test('Namespaces alternate, however many reviews of one there are', async t => {
  const turns = new Turns()
  const order: string[] = []
  const take = async (namespace: string, name: string) => {
    await turns.next(namespace)
    order.push(name)
    if (name === 'a1') await take('a', 'a4')
  }
  const many = ['a1', 'a2', 'a3'].map(name => take('a', name))
  await Promise.all([...many, take('b', 'b1'), take('b', 'b2')])
  t.strictSame(order, ['a1', 'b1', 'a2', 'b2', 'a3', 'a4'])
})

/** Takes five steps of 15 ms each, and throws behind them if told to. */
function steppedRule(order: string[], error: Error | null): Rule {
  const steps = new SharedSteps(
    (function* (): Steps<void> {
      for (let step = 1; step <= 5; step++) {
        const end = performance.now() + 15
        while (performance.now() < end);
        order.push(`step ${step}`)
        yield
      }
      if (error) throw error
    })(),
  )
  const rule: Pick<Rule, 'id' | 'steps' | 'evaluate'> = {
    id: 'stepped',
    steps: () => steps.run(),
    evaluate: () => {
      finish(steps.run())
      return { found: 'it', expected: '', remedy: '', field: '', subjects: [] }
    },
  }
  return rule as Rule
}

void test('A rule of many steps lets others go first between them', async t => {
  const turns = new Turns()
  const order: string[] = []
  const faults: unknown[] = []
  const error = new Error('of the rule')
  const other = async () => {
    for (let round = 0; round < 3; round++) {
      await turns.next('other')
      order.push('other')
    }
  }
  const found = evaluateInTurns(buildFacts({}), {
    rules: [steppedRule(order, null), steppedRule([], error)],
    onThrow: (_rule, thrown) => faults.push(thrown),
    turn: () => turns.next('shop'),
  })
  await Promise.all([found, other()])
  const firstSteps = order.slice(0, 6)
  t.strictSame(firstSteps, ['step 1', 'other', 'step 2', 'other', 'step 3', 'other'])
  t.equal((await found).length, 1)
  t.strictSame(faults, [error], 'what a step throws is a fault of its rule, told once')
})
