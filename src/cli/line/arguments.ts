import { parseArgs } from 'node:util'
import { ownValue } from '../../atlas/text/own-value.js'
import { nearestName } from '../../policy/text/nearest-name.js'
import type { Command, CommandOption } from './command.js'
import { UsageError } from './usage-error.js'

export interface Arguments {
  readonly help: boolean
  readonly operands: readonly string[]
  /** The value of an option: from the command line, else from the environment, else its default. */
  readonly value: (name: string) => string | undefined
  /**
   * Every value of a repeatable option, in the order given. Those of the environment count when the
   * command line has none.
   */
  readonly values: (name: string) => readonly string[]
  /** Like `value`, for an option that has a default. */
  readonly text: (name: string) => string
  readonly isSet: (name: string) => boolean
  /** The variables, for options that name one. */
  readonly environment: Environment
}

export type Environment = Readonly<Record<string, string | undefined>>

/** An option as it stands on the command line. */
interface GivenOption {
  /** Without dashes. */
  readonly name: string
  /** With its dashes. */
  readonly rawName: string
  readonly value: string | undefined
  /** True for `--name=value`, whose value may begin with a dash. */
  readonly inlineValue: boolean | undefined
}

/** @throws UsageError that names the option and the nearest one that exists. */
export function parseArguments(
  command: Command,
  argv: readonly string[],
  environment: Environment,
): Arguments {
  const { options, operands } = splitWords(command, argv)
  const isHelp = ({ name }: GivenOption) => name === 'help'
  if (options.some(isHelp)) return helpOnly
  for (const given of options) checkOption(command, given)
  checkOperands(command, operands)
  const given = new Map(options.map(({ name, value }) => [name, value]))
  const switches = new Set(switchesOf(command, environment))
  const value = (name: string) => given.get(name) ?? defaultValue(command, name, environment)
  const repeated = (name: string) =>
    options.filter(option => option.name === name).map(({ value }) => String(value))
  const values = (name: string) => (given.has(name) ? repeated(name) : splitWhitespace(value(name)))
  for (const option of command.options) checkChoices(option, values)
  return {
    help: false,
    operands,
    value,
    values,
    text: name => value(name) as string,
    isSet: name => given.has(name) || switches.has(name),
    environment,
  }
}

const helpOnly: Arguments = {
  help: true,
  operands: [],
  value: () => undefined,
  values: () => [],
  text: () => '',
  isSet: () => false,
  environment: {},
}

function splitWhitespace(text: string | undefined): readonly string[] {
  return text?.split(/\s+/).filter(Boolean) ?? []
}

interface Words {
  readonly options: readonly GivenOption[]
  readonly operands: readonly string[]
}

/**
 * Not strict, because Node's own errors name neither the options of this command nor what to do.
 */
function splitWords(command: Command, argv: readonly string[]): Words {
  const options = Object.fromEntries([
    ['help', { type: 'boolean', short: 'h' } as const],
    ...command.options.map(option => [option.name, { type: optionType(option) }] as const),
  ])
  const parsed = parseArgs({
    args: [...argv],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  return {
    options: parsed.tokens.filter(token => token.kind === 'option'),
    operands: parsed.positionals,
  }
}

function optionType(option: CommandOption): 'string' | 'boolean' {
  return option.value === undefined ? 'boolean' : 'string'
}

function checkOption(command: Command, { name, rawName, value, inlineValue }: GivenOption): void {
  const option = command.options.find(option => option.name === name)
  if (option === undefined) throw new UsageError(describeUnknown(command, rawName))
  if (option.value === undefined) {
    if (value !== undefined) throw new UsageError(`--${name} takes no value`)
    return
  }
  // `--listen --policy p.yaml`: the value of the first option was forgotten.
  const isOption = inlineValue === false && value?.startsWith('-')
  if (value === undefined || value === '' || isOption)
    throw new UsageError(`--${name} needs a value: --${name} ${option.value}`)
}

function describeUnknown(command: Command, rawName: string): string {
  const own = command.options.map(option => `--${option.name}`)
  const names = [...own, '--version', '--help']
  const near = rawName.startsWith('--') ? nearestName(rawName, names) : shortNames.get(rawName)
  const meant = near === '--version' ? 'atlas-admission --version' : near
  return `unknown option ${rawName}; ${meant ? `did you mean ${meant}?` : seeHelp(command)}`
}

/** Short options that other programs have. The version belongs to the program, not to a command. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ['-v', '--version'],
  ['-V', '--version'],
])

function checkChoices({ name, choices }: CommandOption, values: Arguments['values']): void {
  if (!choices) return
  const wrong = values(name).find(text => !choices.includes(text))
  if (wrong === undefined) return
  const near = nearestName(wrong, choices)
  const hint = near === null ? '' : `; did you mean ${near}?`
  throw new UsageError(`--${name}: expected one of ${choices.join(', ')}; found "${wrong}"${hint}`)
}

function checkOperands(command: Command, operands: readonly string[]): void {
  const extra = operands[command.maxOperands ?? (command.operands === '' ? 0 : 1)]
  if (extra !== undefined)
    throw new UsageError(`unexpected "${extra}" after ${command.name}; ${seeHelp(command)}`)
}

function seeHelp(command: Command): string {
  return `see atlas-admission ${command.name} --help`
}

/**
 * The value without one on the command line. An empty variable counts as none, because in a
 * manifest that is the usual way to leave a value out.
 */
function defaultValue(command: Command, name: string, environment: Environment) {
  const option = command.options.find(option => option.name === name) as CommandOption
  return (option.environment && ownValue(environment, option.environment)) || option.default
}

function switchesOf(command: Command, environment: Environment): readonly string[] {
  return command.options
    .filter(
      ({ value, environment: variable }) => value === undefined && isTrue(variable, environment),
    )
    .map(option => option.name)
}

const booleans: ReadonlyMap<string, boolean> = new Map(
  Object.entries({
    '': false,
    '0': false,
    false: false,
    no: false,
    off: false,
    '1': true,
    true: true,
    yes: true,
    on: true,
  }),
)

function isTrue(variable: string | undefined, environment: Environment): boolean {
  const text = (variable && ownValue(environment, variable)) ?? ''
  const value = booleans.get(text.toLowerCase())
  if (value === undefined)
    throw new UsageError(`${variable}: expected true or false, found "${text}"`)
  return value
}
