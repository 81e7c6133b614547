import t from 'tap'
import { parseArguments } from '../../../src/cli/line/arguments.js'
import { type Command, exitCodes } from '../../../src/cli/line/command.js'
import { commands } from '../../../src/cli/commands.js'
import { demoCommand } from '../../../src/cli/demo/command.js'
import { parseDuration } from '../../../src/cli/line/duration.js'
import { parseEndpoint } from '../../../src/cli/line/endpoint.js'
import { commandHelp } from '../../../src/cli/help.js'
import { rulesCommand } from '../../../src/cli/rules/command.js'
import { serveCommand } from '../../../src/cli/serve/command.js'
import { UsageError } from '../../../src/cli/line/usage-error.js'

type Complaint = [name: string, command: Command, argv: string[], message: string]

const complaints: readonly Complaint[] = [
  [
    'a misspelt option',
    serveCommand,
    ['--manifest', 'x'],
    'unknown option --manifest; did you mean --manifests?',
  ],
  [
    'a misspelt option with its value',
    serveCommand,
    ['--polcy=x'],
    'unknown option --polcy; did you mean --policy?',
  ],
  [
    'an option like no other',
    serveCommand,
    ['--xylophone', 'x'],
    'unknown option --xylophone; see atlas-admission serve --help',
  ],
  ['a short option', serveCommand, ['-x'], 'unknown option -x; see atlas-admission serve --help'],
  [
    'the option for the version',
    serveCommand,
    ['-v'],
    'unknown option -v; did you mean atlas-admission --version?',
  ],
  [
    'the option for the version, misspelt',
    serveCommand,
    ['--verison'],
    'unknown option --verison; did you mean atlas-admission --version?',
  ],
  [
    'an option of another command',
    demoCommand,
    ['--policy', 'x'],
    'unknown option --policy; see atlas-admission demo --help',
  ],
  ['no value at the end', serveCommand, ['--listen'], '--listen needs a value: --listen HOST:PORT'],
  [
    'an option in place of the value',
    serveCommand,
    ['--policy', '--listen', ':1'],
    '--policy needs a value: --policy FILE',
  ],
  ['an empty value', serveCommand, ['--policy', ''], '--policy needs a value: --policy FILE'],
  ['an empty value behind =', serveCommand, ['--policy='], '--policy needs a value: --policy FILE'],
  ['a switch with a value', demoCommand, ['--once=no'], '--once takes no value'],
  [
    'a value that is none of the choices',
    rulesCommand,
    ['--format', 'marcdown'],
    '--format: expected one of text, json, markdown; found "marcdown"; did you mean markdown?',
  ],
  [
    'a value like none of the choices',
    rulesCommand,
    ['--format=xml'],
    '--format: expected one of text, json, markdown; found "xml"',
  ],
  [
    'an operand that nobody asked for',
    serveCommand,
    ['cluster'],
    'unexpected "cluster" after serve; see atlas-admission serve --help',
  ],
  [
    'a second operand',
    rulesCommand,
    ['a', 'b'],
    'unexpected "b" after rules; see atlas-admission rules --help',
  ],
]

for (const [name, command, argv, message] of complaints)
  void t.test(`the command line is refused: ${name}`, async t => {
    t.throws(() => parseArguments(command, argv, {}), new UsageError(message))
  })

const withVariables = commands.flatMap(command =>
  command.options.flatMap(option =>
    option.value !== undefined && option.environment !== undefined
      ? [[command, { ...option, environment: option.environment }] as const]
      : [],
  ),
)

for (const [command, option] of withVariables)
  void t.test(
    `${command.name} --${option.name}: argument, then environment, then default`,
    async t => {
      const environment = { [option.environment]: 'from environment' }
      const value = (argv: string[], environment = {}) =>
        parseArguments(command, argv, environment).value(option.name)
      t.equal(value([`--${option.name}`, 'given'], environment), 'given')
      t.equal(value([`--${option.name}=-given`], environment), '-given')
      t.equal(value([], environment), 'from environment')
      t.equal(value([], { [option.environment]: '' }), option.default)
      t.equal(value([]), option.default)
      t.match(option.environment, /^ATLAS_ADMISSION_[A-Z_]+$/)
    },
  )

type Switch = [text: string | undefined, isSet: boolean]

const switches: readonly Switch[] = [
  ['1', true],
  ['true', true],
  ['YES', true],
  ['on', true],
  ['0', false],
  ['False', false],
  ['no', false],
  ['off', false],
  ['', false],
  [undefined, false],
]

void t.test('a switch is set by its option or by a true variable', async t => {
  t.ok(parseArguments(demoCommand, ['--once'], { ATLAS_ADMISSION_ONCE: 'off' }).isSet('once'))
  for (const [text, isSet] of switches)
    t.equal(parseArguments(demoCommand, [], { ATLAS_ADMISSION_ONCE: text }).isSet('once'), isSet)
  t.throws(
    () => parseArguments(demoCommand, [], { ATLAS_ADMISSION_ONCE: 'perhaps' }),
    new UsageError('ATLAS_ADMISSION_ONCE: expected true or false, found "perhaps"'),
  )
})

void t.test('--help asks for nothing but help, whatever else is there', async t => {
  for (const argv of [['--help'], ['-h'], ['extra', '--nope', '--listen', '--help', '-h']]) {
    const args = parseArguments(serveCommand, argv, {})
    t.equal(args.help, argv.at(-1) !== '--listen')
    t.equal(args.value('listen'), undefined)
    t.equal(args.text('listen'), '')
    t.equal(args.isSet('listen'), false)
  }
})

void t.test('operands are given in their order, also behind --', async t => {
  t.strictSame(parseArguments(rulesCommand, ['dir'], {}).operands, ['dir'])
  t.strictSame(parseArguments(rulesCommand, ['--', '--dir'], {}).operands, ['--dir'])
  t.equal(parseArguments(serveCommand, [], {}).text('listen'), '127.0.0.1:8443')
})

const repeating: Command = {
  name: 'repeat',
  summary: 'takes several',
  operands: '[PATH...]',
  maxOperands: Infinity,
  options: [
    { name: 'url', value: 'URL', environment: 'REPEAT_URL', repeatable: true, help: 'a database' },
    { name: 'dir', value: 'DIR', repeatable: true, help: 'a directory' },
    { name: 'quiet', help: 'say less' },
  ],
  examples: [],
}

void t.test('an option may be repeated, and a variable holds several values', async t => {
  const values = (argv: string[], environment = {}) =>
    parseArguments(repeating, argv, environment).values('url')
  t.strictSame(values(['--url', 'a', '--dir=x', '--url=b']), ['a', 'b'])
  t.strictSame(values([], { REPEAT_URL: ' a  b\n' }), ['a', 'b'])
  t.strictSame(values(['--url', 'c'], { REPEAT_URL: 'a b' }), ['c'])
  t.strictSame(values([]), [])
  t.strictSame(parseArguments(repeating, ['--help'], {}).values('url'), [])
  t.strictSame(parseArguments(repeating, ['a', 'b', 'c'], {}).operands, ['a', 'b', 'c'])
  t.equal(parseArguments(repeating, [], {}).isSet('quiet'), false)
  t.match(commandHelp(repeating), '--url URL [REPEAT_URL]\n        a database; may be repeated')
  t.match(commandHelp(repeating), '--dir DIR\n        a directory; may be repeated')
})

void t.test('codes, options and variables are named once each', async t => {
  t.equal(new Set(exitCodes.map(({ code }) => code)).size, exitCodes.length)
  for (const { options } of commands) {
    t.equal(new Set(options.map(({ name }) => name)).size, options.length)
    const variables = options.flatMap(({ environment }) => environment ?? [])
    t.equal(new Set(variables).size, variables.length)
  }
})

type Duration = [text: string, ms: number | null]

const durations: readonly Duration[] = [
  ['0s', 0],
  ['10s', 10_000],
  ['1.5s', 1500],
  ['500ms', 500],
  ['2m', 120_000],
  ['10', null],
  ['-1s', null],
  ['1h', null],
  ['', null],
  ['1s ', null],
]

void t.test('a duration has a unit', async t => {
  for (const [text, ms] of durations)
    if (ms === null)
      t.throws(
        () => parseDuration(text, 'drain-delay'),
        new UsageError(
          `--drain-delay: "${text}" is no duration; expected something like 10s or 500ms`,
        ),
      )
    else t.equal(parseDuration(text, 'drain-delay'), ms)
})

type Address = [text: string, host: string | null, port: number]

const addresses: readonly Address[] = [
  ['127.0.0.1:8443', '127.0.0.1', 8443],
  ['localhost:0', 'localhost', 0],
  ['[::1]:65535', '::1', 65_535],
  ['[fe80::1%eth0]:1', 'fe80::1%eth0', 1],
  ['127.0.0.1:65536', null, 0],
  ['127.0.0.1', null, 0],
  [':8443', null, 0],
  ['::1:8443', null, 0],
  ['127.0.0.1:https', null, 0],
  ['https://127.0.0.1:8443', null, 0],
]

void t.test('an endpoint has a host and a port', async t => {
  for (const [text, host, port] of addresses)
    if (host === null)
      t.throws(
        () => parseEndpoint(text, 'listen'),
        new UsageError(
          `--listen: "${text}" is no HOST:PORT; expected something like 127.0.0.1:8443 or [::1]:8443`,
        ),
      )
    else t.strictSame(parseEndpoint(text, 'listen'), { host, port })
})
