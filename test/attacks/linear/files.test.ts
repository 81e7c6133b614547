import { test } from 'tap'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { buildFile } from '../../../src/atlas/directory/file.js'
import { scanStatements } from '../../../src/atlas/statement/statement.js'
import { readWords } from '../../../src/atlas/statement/words.js'
import { parseSum } from '../../../src/atlas/directory/sum.js'
import { validateDirectory } from '../../../src/atlas/directory/validate.js'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { buildFacts } from '../../policy/facts/facts-builder.js'
import { growsLinearly } from './linear-work.js'

/** A ConfigMap, and so a file, has at most 1 MiB. */
const most = 1_048_576

/** A start that changes how the rest is read, and what is repeated behind it. */
const sqlTexts: readonly (readonly [start: string, piece: string])[] = [
  ['', '/* '],
  ['', '/* */ '],
  ['', '-- '],
  ['', '-- \n'],
  ['', '# '],
  ['', "'"],
  ['', "''' "],
  ["'", '\\'],
  ['', '"`'],
  ['', '('],
  ['', '()'],
  ['', '$a'],
  ['', '$a$ '],
  ['', '$a$b$a$'],
  ['', '$'],
  ['', ';'],
  ['', ' '],
  ['', '\u3000'],
  ['x', '\u3000'],
  ['', 'BEGIN '],
  ['', 'BEGIN x; '],
  ['', 'BEGIN ATOMIC '],
  ['', 'BEGIN x; END; '],
  ['', 'BEGIN\n-- atlas:delimiter x\n'],
  ['', 'b'],
  ['', '\t B'],
  ['', 'delimiter '],
  ['', 'delimiter a\n'],
  ['', 'DELIMITER ;;\n'],
  ['', '-- atlas:delimiter x\n'],
  ['-- atlas:delimiter \\n\n', '\n'],
  ['-- atlas:', 'atlas:'],
  ['', '-- atlas:txmode none\n'],
  ['', '-- atlas:checkpoint atlas:\n'],
  ['-- atlas:checkpoint', ' atlas:'],
  ['-- atlas:sum', ' '],
  ['', '#\r\n'],
  ['', '<<<<<<< \n'],
  ['<<<<<<<\n', '=======\n'],
  ['', 'é'],
  ['', '\r\n'],
]

void test('A migration file is read in time in proportion to its length, whatever is in it', async t => {
  for (const [start, piece] of sqlTexts) {
    growsLinearly(t, JSON.stringify(`${start.slice(0, 30)} ${piece}...`), {
      most,
      prepare: length => {
        const text = (start + piece.repeat(length / piece.length)).slice(0, length)
        return () => {
          buildFile('1.sql', text)
          for (const dialect of ['postgres', 'mysql'] as const) {
            scanStatements(text, dialect)
            readWords(text, dialect, Infinity)
          }
        }
      },
    })
  }
})

const delimiters: Readonly<Record<string, (half: number) => string>> = {
  'nearly everywhere': half => `-- atlas:delimiter ${'a'.repeat(half)}b\n${'a'.repeat(half)}`,
  everywhere: half => `-- atlas:delimiter ${'a'.repeat(30)}\n${'a'.repeat(2 * half)}`,
  'inside of quotes': half =>
    `-- atlas:delimiter ${"a'x'".repeat(half / 4)}\n${"'a'x".repeat(half / 4)}`,
  'always another': half =>
    Array.from({ length: half / 20 }, (_, at) => `delimiter ${'a'.repeat(20)}${at}\n`).join(''),
  'of blocks': half =>
    Array.from({ length: half / 20 }, (_, at) => `BEGIN\n-- atlas:delimiter x${at}\n`).join(''),
}

void test('A delimiter of any length and number takes time in proportion to the file', async t => {
  for (const [title, textOf] of Object.entries(delimiters)) {
    growsLinearly(t, title, {
      most,
      prepare: length => {
        const text = textOf(length / 2)
        return () => scanStatements(text, 'postgres')
      },
    })
  }
})

const contentRules = rules.filter(rule => ['content', 'spec'].includes(rule.evidence))

void test('The rules on the content of a file take time in proportion to its length', async t => {
  for (const [start, piece] of sqlTexts) {
    growsLinearly(t, JSON.stringify(`${start.slice(0, 30)} ${piece}...`), {
      most,
      prepare: length => {
        const text = (start + piece.repeat(length / piece.length)).slice(0, length)
        const facts = buildFacts({ files: { '1.sql': text }, wrongSum: true })
        return () => contentRules.forEach(rule => rule.evaluate(facts))
      },
    })
  }
})

const sumLines: readonly string[] = ['h1:', '\n', '\r\n', ' ', 'a h1:b\n', 'a.sql h1:\n', '\u0085']

void test('An atlas.sum is read in time in proportion to its length, whatever is in it', async t => {
  for (const line of sumLines)
    growsLinearly(t, JSON.stringify(`${line}...`), {
      most,
      prepare: length => {
        const text = line.repeat(length / line.length)
        return () => {
          parseSum(text)
          validateDirectory(buildDirectory({ 'a.sql': '', 'atlas.sum': text }))
        }
      },
    })
})
