import * as fc from 'fast-check'
import t from 'tap'
import { compareBytewise } from '../../../src/atlas/text/go-string.js'
import { parseFileName } from '../../../src/atlas/directory/file.js'
import { newVersions } from '../../../src/atlas/consolidate/new-version.js'

const cases: readonly (readonly [
  name: string,
  files: readonly string[],
  rows: readonly string[],
  versions: readonly string[],
])[] = [
  [
    'time stamps count on',
    ['20250101000000_a.sql', '20250102030405_b.sql'],
    [],
    ['20250102030406', '20250102030407'],
  ],
  [
    'rows count too',
    ['20250101000000_a.sql'],
    ['20250101000008'],
    ['20250101000009', '20250101000010'],
  ],
  ['leading zeros stay', ['0008_a.sql'], [], ['0009', '0010']],
  ['a number that would need another digit gets a letter', ['8.sql'], [], ['8z1', '8z2']],
  ['so does one of many nines', ['99_x.sql', '98.sql'], [], ['99z1', '99z2']],
  ['a name as version', ['1.sql', 'seed.sql'], [], ['seedz1', 'seedz2']],
  ['a shorter version whose file sorts last', ['10_a.sql', '1_b.sql'], [], ['1z1', '1z2']],
  ['a version with a dash', ['1.sql', '1-b.sql'], [], ['1z1', '1z2']],
  ['no version at all', [], [], ['z1', 'z2']],
]

void t.test('new versions sort above everything known', async t => {
  for (const [name, names, rows, versions] of cases) {
    const known = names.map(file => parseFileName(file).version)
    t.strictSame(newVersions(2, { names, versions: [...known, ...rows] }), versions, name)
  }
})

void t.test('whatever the names are, files and versions sort above and in order', async () => {
  const part = fc.stringMatching(/^[-.0-9a-zA-Z]{0,4}$/)
  const fileName = fc
    .tuple(part, fc.constantFrom('.sql', '_.sql', '_a.sql', '_Z~.sql'))
    .map(parts => parts.join(''))
  const given = fc.record({
    names: fc.array(fileName, { maxLength: 6 }),
    rows: fc.array(part, { maxLength: 3 }),
    count: fc.integer({ min: 1, max: 12 }),
  })
  fc.assert(
    fc.property(given, ({ names, rows, count }) => {
      const versions = [...names.map(name => parseFileName(name).version), ...rows]
      const fresh = newVersions(count, { names, versions })
      const inOrder = (texts: readonly string[]) =>
        texts.every((text, i) => i === 0 || compareBytewise(texts[i - 1]!, text) < 0)
      const greatest = (texts: readonly string[]) => [...texts].sort(compareBytewise).slice(-1)
      return (
        fresh.length === count &&
        inOrder([...greatest(versions), ...fresh]) &&
        inOrder([...greatest(names), ...fresh.map(version => `${version}_x.sql`)]) &&
        fresh.every(version => parseFileName(`${version}.sql`).version === version)
      )
    }),
    { numRuns: 2000 },
  )
})
