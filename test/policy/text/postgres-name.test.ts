import { test } from 'tap'
import { cutName } from '../../../src/policy/text/postgres-name.js'

/** What `SELECT $1::name` of PostgreSQL 15 (UTF-8) made of each. */
const cases: readonly (readonly [name: string, cut: string])[] = [
  ['shop', 'shop'],
  ['s'.repeat(63), 's'.repeat(63)],
  ['s'.repeat(64), 's'.repeat(63)],
  ['é'.repeat(40), 'é'.repeat(31)],
  [`${'s'.repeat(61)}€`, 's'.repeat(61)],
  [`${'s'.repeat(60)}€x`, `${'s'.repeat(60)}€`],
  [`${'s'.repeat(60)}🐘`, 's'.repeat(60)],
]

void test('A name is cut as PostgreSQL cuts it', async t => {
  for (const [name, cut] of cases) t.equal(cutName(name), cut)
})
