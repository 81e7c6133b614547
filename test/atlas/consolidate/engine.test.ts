import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import type { ConsolidationDatabase } from '../../../src/atlas/consolidate/consolidation.js'
import { compareBytewise } from '../../../src/atlas/text/go-string.js'
import { emptyRow } from '../../../src/atlas/engine/plan.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import { validateDirectory } from '../../../src/atlas/directory/validate.js'
import {
  consolidateSources,
  database,
  run,
  source,
  type Files,
  type Situation,
} from './consolidation-builder.js'

type RecordedRow = readonly [string, string, number, number, number, string, string]

/** See the fixture's README. */
interface Outcome {
  readonly seed: number
  readonly renamePending: boolean
  readonly sources: readonly { readonly name: string; readonly files: Files }[]
  readonly databases: readonly {
    readonly name: string
    readonly execOrder: string
    readonly rows: readonly RecordedRow[] | null
  }[]
  readonly merged: readonly string[]
  readonly sum: string
  readonly engine: readonly {
    readonly first: string
    readonly result: string | null
    readonly done: readonly string[]
    readonly next: string
  }[]
}

const outcomes = JSON.parse(
  readFileSync(join(process.cwd(), 'test/fixtures/consolidation/outcomes.json'), 'utf8'),
) as readonly Outcome[]

function readRow(row: RecordedRow): Revision {
  const [version, description, type, applied, total, executedAt, hash] = row
  return { ...emptyRow, version, description, type, applied, total, executedAt, hash }
}

void t.test('the engine agrees with the plan, on every database and twice', async t => {
  t.ok(outcomes.length > 100, 'the fixture holds enough outcomes')
  for (const { seed, sources, databases, merged, sum, engine, ...rest } of outcomes) {
    const result = consolidateSources({
      renamePending: rest.renamePending,
      sources: sources.map(({ name, files }) => source(name, files)),
      databases: databases.map(({ name, rows, execOrder }) =>
        database(name, rows && rows.map(readRow), { options: { execOrder } }),
      ),
    })
    if (result.kind === 'refused') {
      t.fail(`seed ${seed} was merged when it was recorded`)
      continue
    }
    const names = result.files.map(({ name }) => name)
    t.strictSame(names, merged, `seed ${seed}: files`)
    t.equal(result.directory.sumText, sum, `seed ${seed}: atlas.sum`)
    t.strictSame(
      result.plans.map(({ first, next, pending }) => [first.action, pending, next.action]),
      engine.map(({ first, done, next }) => [first, done, next]),
      `seed ${seed}: what the operator does`,
    )
    t.ok(
      engine.every(({ first, result, next }) => {
        return next === 'ready' && (first === 'ready' || result === 'ok')
      }),
      `seed ${seed}: and that is safe`,
    )
  }
})

/** One turn: a directory gets files with these versions, and may run. */
interface Turn {
  readonly directory: number
  readonly versions: readonly number[]
  readonly runs: boolean
  readonly execOrder: string
}

interface Past {
  readonly directories: readonly Files[]
  readonly rows: readonly Revision[]
  /** Rows half-way. */
  readonly earlier: readonly Revision[]
}

const turns: fc.Arbitrary<readonly Turn[]> = fc.array(
  fc.record({
    directory: fc.nat(2),
    versions: fc.array(fc.integer({ min: 10, max: 99 }), { maxLength: 3 }),
    runs: fc.boolean(),
    execOrder: fc.constantFrom('linear', 'linear-skip', 'non-linear'),
  }),
  { minLength: 1, maxLength: 8 },
)

function live(all: readonly Turn[]): Past {
  const directories: Record<string, string>[] = [{}, {}, {}]
  let rows: readonly Revision[] = []
  let earlier = rows
  for (const [i, { directory, versions, runs, execOrder }] of all.entries()) {
    const files = directories[directory]!
    for (const version of versions) files[`${version}_${'abc'[directory]}.sql`] = `SELECT ${i};\n`
    if (runs) rows = run(files, rows, { execOrder })
    if (i === all.length >> 1) earlier = rows
  }
  return { directories: directories.filter(files => Object.keys(files).length > 0), rows, earlier }
}

function situationOf({ directories, rows, earlier }: Past, renamePending: boolean): Situation {
  return {
    renamePending,
    sources: directories.map((files, i) => source(`source ${i}`, files)),
    databases: [database('prod', rows), database('staging', earlier), database('new', null)],
  }
}

/** What a merged directory must hold whatever the past was, without a look at the plan. */
function isSound(situation: Situation): boolean {
  const result = consolidateSources(situation)
  if (result.kind === 'refused') return result.refusals.length > 0
  const files = Object.fromEntries(result.directory.files.map(file => [file.name, file.content]))
  const origins = new Set(
    result.files.flatMap(({ name, originalName, sources }) =>
      sources.map(source => `${source} ${originalName} ${files[name]}`),
    ),
  )
  const isThere = situation.sources.every(({ name, directory }) =>
    directory.files.every(file => origins.has(`${name} ${file.name} ${file.content}`)),
  )
  const runsOn = ({ state }: ConsolidationDatabase, pending: readonly string[]) => {
    const before = state.revisions ?? []
    const after = run(files, before)
    const grown = after.filter(({ version }) => !before.some(row => row.version === version))
    return (
      after.length === result.files.length &&
      grown.length === pending.length &&
      run(files, after).length === after.length
    )
  }
  return (
    isThere &&
    validateDirectory(result.directory) === null &&
    result.files.every(file => file.name === file.originalName || file.appliedOn.length === 0) &&
    situation.databases!.every((entry, i) => runsOn(entry, result.plans[i]!.pending))
  )
}

void t.test('whatever ran, a merged directory has every file, and each runs once', async () => {
  fc.assert(
    fc.property(turns, fc.boolean(), (all, renamePending) => {
      return isSound(situationOf(live(all), renamePending))
    }),
    { numRuns: 1000 },
  )
})

void t.test(
  'directories that ran completely, without a common version, can always be merged',
  async () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), fc.nat(898)), { minLength: 1 }), pairs => {
        const versions = new Map(pairs.map(([directory, version]) => [101 + version, directory]))
        // Only what is newer than the first row ever runs.
        const directories: Record<string, string>[] = [{ '100.sql': '' }, {}, {}]
        for (const [version, directory] of versions) {
          directories[directory]![`${version}.sql`] = `SELECT ${version};\n`
        }
        let rows: readonly Revision[] = []
        for (const files of directories) rows = run(files, rows, { execOrder: 'non-linear' })
        const used = directories.filter(files => Object.keys(files).length > 0)
        const sources = used.map((files, i) => source(`${i}`, files))
        const result = consolidateSources({ sources, databases: [database('prod', rows)] })
        return result.kind === 'merged' && result.plans[0]?.first.action === 'ready'
      }),
      { numRuns: 500 },
    )
  },
)

void t.test('rows are untrusted: whatever they hold, nothing is thrown', async () => {
  const row = fc.record({
    version: fc.constantFrom('1', '2', '3', '', 'x_y', '\ud800'),
    description: fc.constantFrom('', 'a', 'b'),
    type: fc.integer(),
    applied: fc.integer({ min: -1, max: 2 }),
    total: fc.integer({ min: -1, max: 2 }),
    executedAt: fc.constantFrom('', 'x', '2026-01-02T03:04:05Z'),
    hash: fc.constantFrom('', 'x'),
  })
  const rows = fc.uniqueArray(row, { selector: ({ version }) => version })
  const sources = [
    source('a', { '1_a.sql': 'a', '2_b.sql': 'b' }),
    source('b', { '1_b.sql': 'c', '2_b.sql': 'd', '3.sql': '' }),
  ]
  fc.assert(
    fc.property(rows, fc.boolean(), (given, renamePending) => {
      const revisions = given
        .map(one => ({ ...emptyRow, ...one }))
        .sort((a, b) => compareBytewise(a.version, b.version))
      const databases = [database('prod', revisions)]
      return ['refused', 'merged'].includes(
        consolidateSources({ sources, databases, renamePending }).kind,
      )
    }),
    { numRuns: 1000 },
  )
})
