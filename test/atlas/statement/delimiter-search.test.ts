import * as fc from 'fast-check'
import t from 'tap'
import { DelimiterSearch } from '../../../src/atlas/statement/delimiter-search.js'

/** Few letters, so that delimiters overlap themselves and nearly match everywhere. */
const letters = fc.constantFrom('a', 'b')
const longText = fc.string({ unit: letters, maxLength: 200 })
const longPiece = fc.string({ unit: letters, minLength: 1, maxLength: 24 })

void t.test(
  'finds a delimiter of any length wherever it stands, in any order of asking',
  async t => {
    fc.assert(
      fc.property(
        fc.tuple(longPiece, longPiece, longText),
        fc.array(fc.tuple(fc.boolean(), fc.nat(220)), { maxLength: 40 }),
        ([one, other, rest], questions) => {
          // Repeated, each is longer than what is compared byte by byte.
          const delimiters = [one.repeat(17), other.repeat(17)] as const
          const bytes = delimiters[0] + rest + delimiters[1] + one.repeat(40)
          const search = new DelimiterSearch(bytes)
          for (const [second, at] of questions) {
            const delimiter = delimiters[second ? 1 : 0]
            if (search.isAt(delimiter, at) !== bytes.startsWith(delimiter, at)) return false
          }
          return true
        },
      ),
      { numRuns: 500 },
    )
    const search = new DelimiterSearch('a;b//')
    t.ok(search.isAt(';', 1))
    t.ok(search.isAt('//', 3))
    t.notOk(search.isAt('//', 4))
  },
)
