import t from 'tap'
import { parseFormats } from '../../../src/cli/output/format-choice.js'

type Case = readonly [
  values: readonly string[],
  choices: readonly (readonly [string, string | null])[],
]

const cases: readonly Case[] = [
  [[], [['text', null]]],
  [['json'], [['json', null]]],
  [
    ['text', 'sarif=out.sarif'],
    [
      ['text', null],
      ['sarif', 'out.sarif'],
    ],
  ],
  [
    ['sarif=a=b.sarif', 'junit=-'],
    [
      ['text', null],
      ['sarif', 'a=b.sarif'],
      ['junit', '-'],
    ],
  ],
  [['text=a.txt'], [['text', 'a.txt']]],
]

for (const [values, choices] of cases)
  void t.test(`--format ${values.join(' --format ')}`, async t => {
    t.same(
      parseFormats(values).map(({ format, file }) => [format, file]),
      choices,
    )
  })

type Mistake = readonly [values: readonly string[], message: RegExp]

const mistakes: readonly Mistake[] = [
  [['sarf'], /^--format: unknown format "sarf"; did you mean sarif\?$/],
  [['pdf=x'], /^--format: unknown format "pdf"; expected one of text, json, sarif, junit, github$/],
  [['json', 'text'], /json and text would both go to standard output/],
  [['json=a', 'sarif=a'], /two formats would go to the file a/],
  [['json=a', 'sarif=./b/../a'], /two formats would go to the file \.\/b\/\.\.\/a/],
  [['json='], /^--format json=: expected a file after =$/],
]

for (const [values, message] of mistakes)
  void t.test(`--format ${values.join(' --format ')} is a mistake`, async t => {
    t.throws(() => parseFormats(values), { code: 'ATLAS_ADMISSION_USAGE', message })
  })
