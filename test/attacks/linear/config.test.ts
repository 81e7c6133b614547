import { test } from 'tap'
import { longestConfig, parseHcl } from '../../../src/policy/text/hcl.js'
import { growsLinearly } from './linear-work.js'

/** Pieces that open something and never close it, or that a naive reader reads again and again. */
const pieces: readonly string[] = [
  'a = 1 /* ',
  'a = 1\n/* ',
  '/* */ ',
  '/*/',
  '# \n',
  '// /*\n',
  'a = "',
  'a = "x"\n',
  'a "b',
  'a "b" ',
  'a {',
  'a {}\n',
  '(',
  'a = (',
  'a = [[[]]]\n',
  'a = "${',
  'a = "%{',
  'a = "$${"\n',
  'a = "\\"',
  'a = <<A\n',
  'a = <<A\nA\n',
  'a = <<A ',
  'a = (<<A\n',
  '<<',
  'a = <<-\t\r',
  'é',
  ' ',
  '\n',
]

void test('An atlas.hcl takes time in proportion to its length, whatever is in it', async t => {
  for (const piece of pieces) {
    for (const start of ['', 'a = (', 'a = "']) {
      growsLinearly(t, JSON.stringify(`${start}${piece}...`), {
        most: longestConfig,
        prepare: length => {
          const text = (start + piece.repeat(length / piece.length)).slice(0, longestConfig)
          return () => parseHcl(text)
        },
      })
    }
  }
})
