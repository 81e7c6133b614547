import t from 'tap'
import { wrap } from '../../../src/report/parts/wrap.js'

void t.test('a line is broken between words, never within one', async t => {
  const options = { first: '- ', indent: '  ' }
  t.strictSame(wrap('a bb ccc', { width: 6, ...options }), ['- a bb', '  ccc'])
  t.strictSame(wrap('unbreakable a', { width: 5, ...options }), ['- unbreakable', '  a'])
  t.strictSame(wrap('', { width: 5, ...options }), ['- '])
  t.strictSame(wrap('a b', { width: 1, indent: ' ' }), ['a', ' b'])
})
