import t from 'tap'
import { outlookOf, outlookText } from '../../../src/policy/explain/outlook.js'
import { buildFacts, files, rowsOf, type Situation } from '../facts/facts-builder.js'

const five = files('1', '2', '3', '4', '5')

const cases: readonly [title: string, situation: Situation, text: string | null][] = [
  ['everything ran', { files: five, rows: rowsOf(five) }, null],
  [
    'one is new',
    { files: five, rows: rowsOf(files('1', '2', '3', '4')) },
    'will run 1 file: 5.sql',
  ],
  [
    'several are new',
    { files: five, rows: rowsOf(files('1')) },
    'will run 4 files: 2.sql ... 5.sql',
  ],
  [
    'a new database',
    { files: files('1', '2'), rows: null },
    'will run 2 files, the first in this database: 1.sql, 2.sql',
  ],
  ['it would go down', { files: files('1'), rows: rowsOf(five) }, null],
  [
    'the operator stops',
    { files: files('1', '15', '2', '3'), rows: rowsOf(files('1', '2')) },
    null,
  ],
]

for (const [title, situation, text] of cases)
  void t.test(title, async t => {
    const outlook = outlookOf(buildFacts(situation))
    t.equal(outlook && outlookText(outlook), text)
  })
