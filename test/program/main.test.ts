import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { commands } from '../../src/cli/commands.js'
import { commandHelp, programHelp } from '../../src/cli/help.js'
import { matchTranscript, makeFolder, runProgram } from '../cli/program.js'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly version: string
}

void t.test('--help shows commands and exit codes, without a command too', async t => {
  const asked = await runProgram(t, ['--help'])
  t.equal(asked.code, 0)
  matchTranscript(t, 'help', asked.stdout)
  const short = await runProgram(t, ['-h'])
  t.strictSame([short.code, short.stdout], [0, asked.stdout])
  const none = await runProgram(t, [])
  t.strictSame([none.code, none.stdout, none.stderr], [2, '', asked.stdout])
})

for (const { name } of commands)
  void t.test(`${name} --help shows its options and their variables`, async t => {
    const { code, stdout, stderr } = await runProgram(t, [name, '--help'])
    t.strictSame([code, stderr], [0, ''])
    matchTranscript(t, `help-${name}`, stdout)
  })

void t.test('--version is that of the package', async t => {
  for (const option of ['--version', '-v', '-V']) {
    const { code, stdout } = await runProgram(t, [option])
    t.strictSame([code, stdout], [0, `${version}\n`])
  }
})

void t.test('no line of the help is wider than most terminals', async t => {
  for (const text of [programHelp(), ...commands.map(commandHelp)])
    t.strictSame(
      text.split('\n').filter(line => line.length > 100),
      [],
    )
})

type Refusal = [name: string, args: string[], line: string]

const refusals: readonly Refusal[] = [
  ['a misspelt command', ['serv'], 'unknown command "serv"; did you mean serve?'],
  ['a command like no other', ['migrate'], 'unknown command "migrate"; see atlas-admission --help'],
  [
    'a misspelt option alone',
    ['--verison'],
    'unknown command "--verison"; did you mean --version?',
  ],
  [
    'a misspelt option',
    ['serve', '--manifest', 'x'],
    'unknown option --manifest; did you mean --manifests?',
  ],
]

for (const [name, args, line] of refusals)
  void t.test(`wrong usage is one line and exit code 2: ${name}`, async t => {
    t.match(await runProgram(t, args), {
      code: 2,
      stdout: '',
      stderr: `atlas-admission: ${line} (ATLAS_ADMISSION_USAGE)\n`,
    })
  })

void t.test('a fault of ours is said without its message, and ends with 70', async t => {
  const fault = makeFolder(t, {
    // Once the program is loaded, however long that takes.
    'fault.mjs':
      'setInterval(() => { if (process.listenerCount("uncaughtException") > 0) throw new Error("s3cr3t") }, 300)',
  })
  // A server that serves would outlive it; see test/attacks/process-edge.test.ts.
  const { code, stderr } = await runProgram(t, ['check', '-'], {
    node: ['--import', join(fault, 'fault.mjs')],
    input: null,
  })
  t.equal(code, 70)
  t.match(stderr, /^atlas-admission: a fault of the program itself: Error\n {4}at /)
  t.notMatch(stderr, 's3cr3t')
})

/** The modules that are loaded whatever the command is. */
function staticImports(file: string, seen = new Set<string>()): ReadonlySet<string> {
  const text = readFileSync(file, 'utf8')
  for (const [, name = ''] of text.matchAll(/^(?:import|export) .*?['"](.+?)['"];$/gm)) {
    const path = name.startsWith('.') ? join(dirname(file), name) : name
    if (seen.has(path)) continue
    seen.add(path)
    if (name.startsWith('.')) staticImports(path, seen)
  }
  return seen
}

void t.test('a command loads only what it needs: the start costs no package', async t => {
  const imported = [...staticImports('dist/src/main.js')]
  t.ok(imported.includes('dist/src/cli/line/arguments.js'))
  t.strictSame(
    imported.filter(name => !name.startsWith('node:') && !name.startsWith('dist/src/')),
    [],
  )
  t.ok(imported.length < 40, `${imported.length} modules`)
})
