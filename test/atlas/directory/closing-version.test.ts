import t from 'tap'
import {
  type ClosingVersions,
  findClosingVersions,
} from '../../../src/atlas/directory/closing-version.js'

type Case = readonly [name: string, versions: readonly string[], expected: ClosingVersions | null]

const cases: readonly Case[] = [
  ['nothing', [], null],
  ['times', ['20240101000000', '20250101000000'], null],
  [
    'nines among times',
    ['20250101000000', '99999999999999'],
    closes(['99999999999999'], '20250101000000'),
  ],
  ['nines of another length', ['20250101', '9999'], closes(['9999'], '20250101')],
  [
    'two of them',
    ['20250101000000', '99999999999998', '99999999999999'],
    closes(['99999999999998', '99999999999999'], '20250101000000'),
  ],
  ['nines alone', ['9999'], closes(['9999'], null)],
  ['few nines alone may be a number', ['99'], null],
  ['nines among numbers', ['001', '002', '999'], closes(['999'], '002')],
  ['nines that were reached by counting', ['01', '98', '99'], null],
  ['numbers of different length', ['1', '2', '10'], null],
  ['a year far ahead', ['20250101', '20990101'], closes(['20990101'], '20250101')],
  [
    'a year that is no date',
    ['20250101', '30000101', '3_x'],
    closes(['30000101', '3_x'], '20250101'),
  ],
  ['a long pause', ['20140101', '20250101'], null],
  ['a placeholder as the first', ['19700101000000', '20250101000000'], null],
  ['from numbers to times', ['001', '002', '20250101000000'], null],
  ['seconds since 1970', ['1735689600', '1767225600'], null],
  ['letters among numbers', ['20250101', 'zz'], closes(['zz'], '20250101')],
  ['seeds behind one file', ['1', 'seed1', 'seed2'], closes(['seed1', 'seed2'], '1')],
  ['letters throughout', ['V1', 'V2', 'V3'], null],
  ['a first file before letters', ['0', 'V1', 'V2', 'V3'], null],
  ['an empty version', ['', '20250101'], null],
  ['in any order, and twice', ['zz', '2', '1', '2'], closes(['zz'], '2')],
]

function closes(versions: readonly string[], usual: string | null): ClosingVersions {
  return { versions, usual }
}

void t.test('versions that no later one can follow', async t => {
  for (const [name, versions, expected] of cases)
    t.strictSame(findClosingVersions(versions), expected, name)
})
