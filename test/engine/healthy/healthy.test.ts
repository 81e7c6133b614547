import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startTestPostgres } from '../../database/test-postgres.js'
import { readHistory } from './history.js'
import { measure, type MeasuredState } from './measure.js'
import { openScratchServer } from './scratch.js'

t.setTimeout(300_000)

const root = 'test/fixtures/healthy'
const server = await startTestPostgres(t)
const scratch = await openScratchServer(server.url('postgres'))

/**
 * What is rightly said of directories on which nothing fails, as `rule action subjects` after the
 * number of files that had run. Everything else that is found in one of them is a false alarm.
 */
const rightly: Readonly<Record<string, readonly string[]>> = {
  // A file that came late runs out of order. That is allowed here, and worth a word.
  'databases/non-linear-order': [
    '2: file-out-of-order warn 20240102_b.sql',
    '4: file-out-of-order warn 20240104_d.sql',
  ],
}

async function statesOf(folder: string): Promise<readonly MeasuredState[]> {
  const states: MeasuredState[] = []
  for await (const state of measure(await readHistory(folder), scratch)) states.push(state)
  return states
}

function said({ ran, findings, undecided }: MeasuredState): readonly string[] {
  return [
    ...findings.map(
      ({ rule, action, finding }) => `${ran}: ${rule.id} ${action} ${finding.subjects.join(' ')}`,
    ),
    ...undecided.map(reason => `${ran}: undecided, ${reason}`),
  ]
}

// Each of these was run by the real engine on PostgreSQL 15, from the first file to the last.
const names = readdirSync(root).flatMap(kind =>
  readdirSync(join(root, kind)).map(name => `${kind}/${name}`),
)
for (const name of names) {
  void t.test(`nothing false is said of ${name}, wherever its database stands`, async t => {
    const states = await statesOf(join(root, name))
    const { files } = (await readHistory(join(root, name))).directory
    const last = files.filter(({ checkpoint }) => !checkpoint).length
    t.ok(states.some(({ ran }) => ran === last))
    t.strictSame(
      states.flatMap(({ failure }) => failure ?? []),
      [],
    )
    t.strictSame(states.flatMap(said), rightly[name] ?? [])
  })
}

void t.test('a directory that fails is told from one that does not', async t => {
  const folder = t.testdir({
    '1_a.sql': 'CREATE TABLE a (id int);',
    '1_b.sql': 'CREATE TABLE b (id int);',
    '2_a.sql': 'CREATE TABLE a (id int);',
  })
  const [first, ...more] = await statesOf(folder)
  t.match(first, { ran: 0, failure: '2_a.sql:1: relation "a" already exists' })
  t.ok(first!.findings.some(({ rule }) => rule.id === 'version-duplicate'))
  t.same(
    more.map(({ ran }) => ran),
    [1, 2],
  )
})

void t.test('the program counts findings for each rule, and suspects apart', async t => {
  const folder = t.testdir({ '1_a.sql': 'CREATE TABLE a (id int);' })
  const { stdout, status } = spawnSync(
    process.execPath,
    [
      'dist/test/engine/healthy/run.js',
      `--url=${server.url('postgres')}`,
      folder,
      join(root, 'databases/non-linear-order'),
    ],
    { encoding: 'utf8' },
  )
  t.equal(status, 0)
  t.match(stdout, /^file-out-of-order warn \(.*, 2 had run; all succeeds\) 20240102_b\.sql: /m)
  t.match(stdout, /^5 states, 5 of them succeed$/m)
  t.match(stdout, /^file-out-of-order warn +2 states, 2 findings, 2 where all succeeds$/m)
})
