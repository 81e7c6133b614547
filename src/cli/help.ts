import { type Command, type CommandOption, exitCodes } from './command.js'
import { commands } from './commands.js'

export function programHelp(): string {
  const width = Math.max(...commands.map(command => command.name.length))
  return [
    'atlas-admission: says what the Atlas Operator would do with an AtlasMigration, before it is stored.',
    '',
    'Usage: atlas-admission COMMAND [OPTION...]',
    '',
    'Commands:',
    ...commands.map(command => `  ${command.name.padEnd(width)}  ${command.summary}`),
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
    `atlas-admission ${command.name}: ${command.summary}.`,
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
    ...command.examples.map(example => `  ${example}`),
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
    `        ${option.help}${choices}${again}${fallback}`,
  ]
}

function exitCodeLines(): readonly string[] {
  return [
    'Exit codes:',
    ...exitCodes.map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`),
  ]
}
