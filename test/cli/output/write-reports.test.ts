import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Output } from '../../../src/cli/output/output.js'
import { writeReports } from '../../../src/cli/output/write-reports.js'
import { report, reportedObject } from '../../report/reports.js'
import { makeFolder } from '../program.js'

function collectOutput(): Output & { readonly printed: readonly string[] } {
  const printed: string[] = []
  return {
    printed,
    print: text => void printed.push(text),
    printExact: text => void printed.push(text),
    width: 80,
    colors: false,
    closed: new Promise(() => {}),
    isClosed: () => false,
  }
}

const input = report({ objects: [reportedObject('orders')] })

async function writeTo(t: Test, file: string): Promise<void> {
  const output = collectOutput()
  await writeReports(input, { choices: [{ format: 'text', file }], output })
  t.same(output.printed, [])
}

void t.test('every format goes where it was asked for, standard output first', async t => {
  const folder = makeFolder(t)
  const output = collectOutput()
  const file = (name: string) => join(folder, name)
  await writeReports(input, {
    choices: [
      { format: 'json', file: file('a.json') },
      { format: 'sarif', file: file('a.sarif') },
      { format: 'junit', file: file('a.xml') },
      { format: 'github', file: file('a.txt') },
      { format: 'text', file: null },
    ],
    output,
    quiet: true,
  })
  t.same(output.printed, ['1 AtlasMigration: nothing was wrong'])
  t.same(readdirSync(folder).sort(), ['a.json', 'a.sarif', 'a.txt', 'a.xml'], 'and nothing else')
  t.equal(
    readFileSync(file('a.txt'), 'utf8'),
    'atlas-admission: 1 AtlasMigration: nothing was wrong\n',
  )
  t.match(JSON.parse(readFileSync(file('a.json'), 'utf8')), { schemaVersion: 1 })
  t.match(JSON.parse(readFileSync(file('a.sarif'), 'utf8')), { version: '2.1.0' })
  t.match(readFileSync(file('a.xml'), 'utf8'), /^<\?xml .*<\/testsuites>\n$/s)
})

const text = 'passed  app/orders\n\n1 AtlasMigration: nothing was wrong\n'

void t.test('an old report is replaced, also through a link', async t => {
  const folder = makeFolder(t, { 'old.txt': 'old' })
  symlinkSync('old.txt', join(folder, 'link.txt'))
  await writeTo(t, join(folder, 'link.txt'))
  t.equal(readFileSync(join(folder, 'old.txt'), 'utf8'), text)
  t.same(readdirSync(folder).sort(), ['link.txt', 'old.txt'])
})

void t.test('a pipe is written to, not replaced', async t => {
  const pipe = join(makeFolder(t), 'pipe')
  execFileSync('mkfifo', [pipe])
  const reader = createReadStream(pipe, 'utf8')
  await Promise.all([writeTo(t, pipe), once(reader, 'data').then(data => t.same(data, [text]))])
})

type Mistake = readonly [file: string, message: RegExp]

const mistakes: readonly Mistake[] = [
  ['missing/a.json', /missing\/a\.json: the folder .*missing is not there; create it/],
  ['folder', /folder: is a folder; name a file after =$/],
  [`${'x'.repeat(300)}.json`, /the report cannot be written \(ENAMETOOLONG\)/],
]

for (const [name, message] of mistakes)
  void t.test(`a file that cannot be written: ${name.slice(0, 20)}`, async t => {
    const folder = makeFolder(t)
    mkdirSync(join(folder, 'folder'))
    await t.rejects(writeTo(t, join(folder, name)), { code: 'ATLAS_ADMISSION_REPORT', message })
    t.same(readdirSync(folder), ['folder'], 'nothing is left behind')
  })
