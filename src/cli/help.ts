import { type Command, type CommandOption, exitCodes } from './line/command.js'
import { wrap } from '../report/parts/wrap.js'
import { commands } from './commands.js'

/** No line is wider than most terminals. */
const width = 100

export function programHelp(): string {
  const nameWidth = Math.max(...commands.map(command => command.name.length))
  return [
    'atlas-admission: says what the Atlas Operator would do with an AtlasMigration, before it is stored.',
    '',
    'Usage: atlas-admission COMMAND [OPTION...]',
    '',
    'Commands:',
    ...commands.map(command => `  ${command.name.padEnd(nameWidth)}  ${command.summary}`),
    '',
    'Options:',
    '  --help, -h  this text; COMMAND --help for the options of a command',
    '  --version   the version',
    '',
    ...exitCodeLines(),
  ].join('\n')
}

export function commandHelp(command: Command): string {
  const usage = ['atlas-admission', command.name, command.operands, '[OPTION...]']
  return [
    ...wrap(`atlas-admission ${command.name}: ${command.summary}.`, { width, indent: '  ' }),
    '',
    `Usage: ${usage.filter(Boolean).join(' ')}`,
    '',
    command.options.length === 0
      ? 'Options:'
      : 'Options, or the environment variables beside them:',
    ...command.options.flatMap(optionLines),
    '  --help, -h',
    '        this text',
    '',
    'Examples:',
    ...command.examples.map(example => `  ${breakExample(example)}`),
    '',
    ...exitCodeLines(),
  ].join('\n')
}

function optionLines(option: CommandOption): readonly string[] {
  const value = option.value === undefined ? '' : ` ${option.value}`
  const fallback = option.default === undefined ? '' : `; default ${option.default}`
  const variable = option.environment === undefined ? '' : ` [${option.environment}]`
  const again = option.repeatable ? '; may be repeated' : ''
  const choices = option.choices ? `: ${option.choices.join(', ')}` : ''
  return [
    `  --${option.name}${value}${variable}`,
    ...indented(`${option.help}${choices}${again}${fallback}`),
  ]
}

function indented(text: string): readonly string[] {
  const margin = ' '.repeat(8)
  return wrap(text, { width: width - margin.length, indent: '' }).map(line => margin + line)
}

/** Breaks a long command line behind a backslash, so that it can be copied. */
function breakExample(example: string): string {
  const [first = '', ...rest] = example.split(/ (?=--)/)
  let text = first
  let column = 2 + first.length
  for (const part of rest) {
    const fits = column + 1 + part.length <= width - 2
    text += fits ? ` ${part}` : ` \\\n    ${part}`
    column = fits ? column + 1 + part.length : 4 + part.length
  }
  return text
}

function exitCodeLines(): readonly string[] {
  return [
    'Exit codes:',
    ...exitCodes.map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`),
  ]
}
