import t from 'tap'
import { cleanWarnings, limitMessage } from '../../../src/webhook/review/answer-text.js'
import { buildBudget, parseTimeout } from '../../../src/webhook/review/call-deadline.js'

type Timeout = [value: unknown, ms: number]

const timeouts: Timeout[] = [
  ['10s', 10_000],
  ['1s', 1000],
  ['500ms', 500],
  ['1m30s', 30_000],
  ['0.5s', 500],
  ['1.s', 1000],
  ['.5s', 500],
  ['1s500ms', 1500],
  ['1500us', 1.5],
  ['1500µs', 1.5],
  ['1500μs', 1.5],
  ['5000000ns', 5],
  ['2h', 30_000],
  // No positive duration: the default of timeoutSeconds.
  ['', 10_000],
  ['0', 10_000],
  ['0s', 10_000],
  ['5', 10_000],
  ['-5s', 10_000],
  ['5s ', 10_000],
  ['5sx', 10_000],
  ['s', 10_000],
  ['.s', 10_000],
  ['5 s', 10_000],
  ['1e3s', 10_000],
  [['5s', '6s'], 10_000],
  [undefined, 10_000],
]

void t.test('the timeout parameter is a Go duration, bounded and with a default', t => {
  for (const [value, ms] of timeouts) {
    t.ok(Math.abs(parseTimeout(value) - ms) < 1e-6, `${String(value)} is ${parseTimeout(value)}`)
  }
  t.end()
})

void t.test('the margin is 300 ms, and a fifth of a tiny limit', t => {
  t.strictSame(buildBudget(10_000), { reviewMs: 9700, answerMs: 9850 })
  t.strictSame(buildBudget(1500), { reviewMs: 1200, answerMs: 1350 })
  t.strictSame(buildBudget(1000), { reviewMs: 800, answerMs: 900 })
  t.strictSame(buildBudget(100), { reviewMs: 80, answerMs: 90 })
  t.end()
})

type Warning = [warning: string, cleaned: string[]]

const warnings: Warning[] = [
  ['plain – text', ['plain – text']],
  ['  a\r\n\tb  ', ['a b']],
  ['a\u0000\u007f\u0085b', ['a b']],
  ['a\ud800b', ['a b']],
  ['a\u2028b\u2029c', ['a b c']],
  ['\n \t', []],
  ['', []],
  ['😀'.repeat(256), ['😀'.repeat(256)]],
  ['😀'.repeat(257), [`${'😀'.repeat(255)}…`]],
]

void t.test('warnings are lines that the API server keeps', t => {
  for (const [index, [warning, cleaned]] of warnings.entries()) {
    t.strictSame(cleanWarnings([warning]), cleaned, `warning ${index}`)
  }
  t.end()
})

type Message = [title: string, message: string, limited: string]

const messages: Message[] = [
  ['short', 'a\nb', 'a\nb'],
  ['2 KiB', 'x'.repeat(2048), 'x'.repeat(2048)],
  ['a byte more', 'x'.repeat(2049), `${'x'.repeat(2045)}…`],
  ['two bytes a character', 'é'.repeat(1025), `${'é'.repeat(1022)}…`],
  ['four bytes a character', '😀'.repeat(513), `${'😀'.repeat(511)}…`],
]

void t.test('a message is cut to 2 KiB between characters', t => {
  for (const [title, message, limited] of messages) t.equal(limitMessage(message), limited, title)
  t.end()
})
