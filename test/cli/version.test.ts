import { readFileSync } from 'node:fs'
import t from 'tap'
import { runProgram } from './program.js'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }

void t.test('version says what is predicted, for people and as JSON', async t => {
  const plain = await runProgram(t, ['version'])
  t.equal(
    plain.stdout,
    `atlas-admission ${version} (Node.js ${process.version}, ${process.platform}-${process.arch})\n` +
      'predicts Atlas v1.2.3 under Atlas Operator 0.7\n',
  )
  const json = await runProgram(t, ['version', '--json'])
  t.strictSame([json.code, json.stderr], [0, ''])
  t.strictSame(JSON.parse(json.stdout), {
    version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    atlas: 'v1.2.3',
    operator: '0.7',
  })
  const bare = await runProgram(t, ['--version'])
  t.equal(bare.stdout, `${version}\n`)
})

void t.test('help explains the program or a command, as --help does', async t => {
  for (const [argv, same] of [
    [['help'], ['--help']],
    [
      ['help', 'rules'],
      ['rules', '--help'],
    ],
  ] as const) {
    const [help, option] = [await runProgram(t, argv), await runProgram(t, same)]
    t.equal(help.code, 0)
    t.equal(help.stdout, option.stdout)
  }
  const unknown = await runProgram(t, ['help', 'ruls'])
  t.equal(unknown.code, 2)
  t.match(unknown.stderr, 'unknown command "ruls"; did you mean rules?')
})
