import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { rulePages } from '../../../src/policy/pages/rule-pages.js'
import { ruleIds, rules } from '../../../src/policy/rules/catalogue.js'

/** Files beside the rules and the pages that are none themselves. */
const others = new Set(['catalogue', 'listed-rules', 'listed-pages', 'rule-page', 'rule-pages'])

function idsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .map(name => name.replace(/\.ts$/, ''))
    .filter(id => !others.has(id))
}

const ruleFiles = idsIn('src/policy/rules')
const pageFiles = idsIn('src/policy/pages')

const tests = readdirSync('test/policy/rules')
  .filter(name => name.endsWith('.test.ts'))
  .map(name => readFileSync(join('test/policy/rules', name), 'utf8'))

void t.test('a rule is three files: itself, its page and its test', async t => {
  for (const id of ruleFiles) {
    t.ok(pageFiles.includes(id), `the rule ${id} needs its page: src/policy/pages/${id}.ts`)
    t.ok(
      tests.some(text => text.includes(`/rules/${id}.js'`)),
      `the rule ${id} needs a test that imports it: test/policy/rules/${id}.test.ts`,
    )
  }
  for (const id of pageFiles)
    t.ok(ruleFiles.includes(id), `the page ${id} belongs to no rule: src/policy/rules/${id}.ts`)
})

void t.test('every file of a rule is in the catalogue, by its name', async t => {
  const wanted = 'exported as the camel case of the file name, with the type Rule or RulePage'
  t.strictSame([...ruleIds].sort(), [...ruleFiles].sort(), `rules: ${wanted}; then npm run build`)
  t.strictSame([...rulePages.keys()].sort(), [...pageFiles].sort(), `pages: ${wanted}`)
})

void t.test('every rule has a place of its own in the order', async t => {
  const orders = rules.map(({ order }) => order)
  t.strictSame(orders, [...new Set(orders)], 'no two rules have one order')
})
