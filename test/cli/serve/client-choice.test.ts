import t from 'tap'
import { parseArguments } from '../../../src/cli/line/arguments.js'
import { parseClientChoice } from '../../../src/cli/serve/client-choice.js'
import { serveCommand } from '../../../src/cli/serve/command.js'
import { makeFolder, runProgram } from '../program.js'

const parse = (argv: readonly string[], environment = {}) =>
  parseClientChoice(parseArguments(serveCommand, argv, environment))

void t.test('whose reviews are answered', async t => {
  t.equal(parse([]), null)
  t.strictSame(parse(['--client-ca=ca.crt']), { caFile: 'ca.crt', names: [] })
  const both = { caFile: 'ca.crt', names: ['kube-apiserver', 'api.example.com'] }
  t.strictSame(
    parse(['--client-ca=ca.crt', '--client-names=kube-apiserver, api.example.com']),
    both,
  )
  const environment = {
    ATLAS_ADMISSION_CLIENT_CA: 'ca.crt',
    ATLAS_ADMISSION_CLIENT_NAMES: 'kube-apiserver,api.example.com',
  }
  t.strictSame(parse([], environment), both)
})

void t.test('names that would take nobody, or everybody, are refused', async t => {
  const code = 'ATLAS_ADMISSION_USAGE'
  const alone = { code, message: '--client-names needs --client-ca' }
  t.throws(() => parse(['--client-names=kube-apiserver']), alone)
  for (const names of [',', 'a,', ',a'])
    t.throws(() => parse(['--client-ca=ca.crt', `--client-names=${names}`]), {
      code,
      message: /^--client-names: an empty name; expected something like/,
    })
})

void t.test('the program does not serve with authorities that cannot be read', async t => {
  const args = [
    'serve',
    '--manifests',
    makeFolder(t),
    '--listen=127.0.0.1:0',
    '--client-ca=/none.crt',
  ]
  t.match(await runProgram(t, args), {
    code: 2,
    stderr: /^atlas-admission: \/none\.crt cannot be read \(ENOENT\)/,
  })
})
