import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runConformance, VectorsError } from './conformance.js'

/** Exit code and printed lines. */
function run(folder: string): { code: number; lines: readonly string[] } {
  const lines: string[] = []
  return { code: runConformance(folder, line => lines.push(line)), lines }
}

// Answers of the real engine (Atlas v1.2.3), recorded.
type Folder = [name: string, vectors: number]
const folders: readonly Folder[] = [
  ['vectors', 518],
  ['vectors-extra', 510],
]

for (const [name, vectors] of folders) {
  void t.test(`agrees with the engine on every answer in ${name}`, async t => {
    const { code, lines } = run(join('test/fixtures', name))
    t.strictSame(lines, [`${vectors} passed, 0 failed`])
    t.equal(code, 0)
  })
}

void t.test('prints each field that differs, and fails', async t => {
  const folder = t.testdir({})
  const name = 'partial-001-applied-above-total-3-of-5'
  copyFileSync(`test/fixtures/vectors/${name}.json`, join(folder, 'right.json'))
  const vector = JSON.parse(readFileSync(join(folder, 'right.json'), 'utf8'))
  const { expected } = vector
  expected.apply.message = 'the text of a panic is free'
  expected.apply.extra = true
  delete expected.dirSum
  expected.pending.push('x.sql')
  expected.status = null
  writeFileSync(join(folder, 'wrong.json'), JSON.stringify([vector]))
  const { code, lines } = run(folder)
  t.equal(code, 1)
  t.equal(lines.at(-1), '1 passed, 1 failed')
  t.match(lines, [
    new RegExp(`^${name}: pending\\[1\\]: expected "x.sql", got nothing$`),
    /: status: expected null, got \{"status":"PENDING"/,
    /: apply.extra: expected true, got nothing$/,
    /: dirSum: expected nothing, got "UBFTOcQE/,
  ])
  t.equal(lines.length, 5)
})

type Unusable = [what: string, files: Record<string, string>, message: RegExp]
const unusable: readonly Unusable[] = [
  ['has no vector', { 'a.txt': '' }, /: no conformance vectors \(\*\.json\) in this folder$/],
  ['holds broken JSON', { 'a.json': '{' }, /a\.json: .*JSON/],
  ['holds something else', { 'a.json': '[1]' }, /a\.json: a vector is not a JSON object$/],
  ['holds a nameless input', { 'a.json': '{"name":1}' }, /a\.json: name is not a text$/],
  ['holds no input', { 'a.json': '{"name":"v"}' }, /the input of v is not a JSON object$/],
  [
    'holds no expected answer',
    { 'a.json': '{"name":"v","input":{"files":{}}}' },
    /v has no expected answer$/,
  ],
  [
    'holds rows that are no list',
    { 'a.json': '{"name":"v","input":{"files":{},"revisions":{}},"expected":{}}' },
    /revisions is neither null nor a list$/,
  ],
  [
    'holds a row with a text for a number',
    { 'a.json': '{"name":"v","input":{"files":{},"revisions":[{"total":"1"}]},"expected":{}}' },
    /total is not a number$/,
  ],
]

for (const [what, files, message] of unusable) {
  void t.test(`says so when the folder ${what}`, async t => {
    const folder = t.testdir(files)
    const error = t.throws(() => run(folder))
    t.ok(error instanceof VectorsError)
    t.match(error, { code: 'ATLAS_ADMISSION_VECTORS', message })
  })
}

void t.test('says so when there is no such folder', async t => {
  t.throws(() => run('no/such/folder'), { code: 'ATLAS_ADMISSION_VECTORS', message: /ENOENT/ })
})

void t.test('reads partial hashes that are no list as none', async t => {
  const row = '{"version":"1","partial_hashes":null,"type":2,"hash":"","applied":0,"total":0}'
  const input = `{"files":{},"revisions":[${row}]}`
  const { lines } = run(
    t.testdir({ 'a.json': `{"name":"v","input":${input},"expected":{"operatorAction":"down"}}` }),
  )
  t.notOk(lines.some(line => line.includes('operatorAction')))
  const odd = run(
    t.testdir({
      'a.json': `{"name":"v","input":${input.replace('null', '"x"')},"expected":{}}`,
    }),
  )
  t.match(odd.lines.at(-1), '0 passed, 1 failed')
})

/** As `npm run conformance -- DIR` does. */
function runProgram(...args: readonly string[]) {
  return spawnSync(process.execPath, ['dist/test/engine/conformance/run.js', ...args], {
    encoding: 'utf8',
  })
}

void t.test('the totals come last, and the exit code tells whether one failed', async t => {
  const input = { files: {}, revisionsOrder: 'asis', dialect: 'postgres' }
  const folder = t.testdir({ 'v.json': JSON.stringify({ name: 'v', input, expected: {} }) })
  const failed = runProgram(folder)
  t.equal(failed.status, 1)
  t.equal(failed.stdout.trimEnd().split('\n').at(-1), '0 passed, 1 failed')
  t.match(runProgram(join(folder, 'none')), {
    status: 2,
    stdout: '',
    stderr: /ENOENT.*\(ATLAS_ADMISSION_VECTORS\)\n$/,
  })
  t.match(runProgram(), { status: 2, stderr: 'conformance needs DIR: a folder of vectors\n' })
})
