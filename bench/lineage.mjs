// Time to trace 100,000 rows of two directories on one table, beside hashing the same bytes once:
//   npm run build && node bench/lineage.mjs
// The ratio is what matters: it does not depend on the machine. Appends alone cost one copied hash
// state per row and chain; a hostile table costs the budget of the search and no more.
import { createHash } from 'node:crypto'
import { traceLineage } from '../dist/src/atlas/lineage/lineage.js'

const rounds = 5

function fileOf(number, size) {
  const version = String(20_200_000_000_000 + number * 37)
  const content = `SELECT ${number};\n${'-- filler\n'.repeat(size / 10)}`
  const name = `${version}_step.sql`
  return { name, version, description: 'step', content, checkpoint: false, sumIgnored: false }
}

function rowOf({ version, description }, hash, order) {
  const executedAt = new Date(1_700_000_000_000 + order * 1000).toISOString()
  const counters = { type: 2, applied: 1, total: 1, partialHashes: [] }
  const texts = { error: '', errorStatement: '', operatorVersion: 'Atlas CLI v1.2.3' }
  return { version, description, executedAt, hash, ...counters, ...texts }
}

/** Rows of files that ran in turns from so many directories. */
function rowsOf(files, directories) {
  const states = Array.from({ length: directories }, () => createHash('sha256'))
  return files.map((file, order) => {
    const state = states[order % directories]
    state.update(file.name + file.content)
    return rowOf(file, state.copy().digest('base64'), order)
  })
}

/** Median of a few runs, in milliseconds. */
function measure(run) {
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now()
    run()
    return performance.now() - started
  })
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)]
}

function hashPlainly(files) {
  const state = createHash('sha256')
  for (const { name, content } of files) state.update(name + content)
  return state.digest('base64')
}

function report(label, files, revisions) {
  let lineage
  const plain = measure(() => hashPlainly(files))
  const traced = measure(() => (lineage = traceLineage({ files, revisions })))
  const ratio = (traced / plain).toFixed(1)
  const result = `${lineage.chains.length} chains, ${lineage.unexplained.length} unexplained`
  console.log(
    `${label}: ${Math.round(traced)} ms, plain hashing ${Math.round(plain)} ms, ratio ${ratio} (${result})`,
  )
}

const files = Array.from({ length: 100_000 }, (_, i) => fileOf(i, 500))
const few = files.slice(0, 5000)
const hostile = few.map((file, order) =>
  rowOf(
    file,
    createHash('sha256').update(`${order}`).digest('base64'),
    (order * 2743) % few.length,
  ),
)
report('100,000 rows, one chain', files, rowsOf(files, 1))
report('100,000 rows, two chains', files, rowsOf(files, 2))
report('5,000 rows of random hashes in random order', few, hostile)
