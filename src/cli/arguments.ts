import { parseArgs } from 'node:util'
import { nearestName } from '../policy/nearest-name.js'
import type { Command, CommandOption } from './command.js'
import { UsageError } from './usage-error.js'

export interface Arguments {
  readonly help: boolean
  readonly operands: readonly string[]
  /** The value of an option: from the command line, else the environment, else its default. */
  readonly value: (name: string) => string | undefined
  readonly isSet: (name: string) => boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

/** @throws UsageError naming the option and the nearest one that exists. */
export function parseArguments(
  command: Command,
  argv: readonly string[],
  environment: Environment,
): Arguments {
  const given = parseGiven(command, argv)
  const option = (name: string) => command.options.find(option => option.name === name)
  const value = (name: string) => {
    const { environment: variable = '', default: fallback } = option(name) ?? {}
    const text = given.values[name] ?? environment[variable]
    return typeof text === 'string' && text !== '' ? text : fallback
  }
  const isSet = (name: string) =>
    given.values[name] === true || isTrue(environment[option(name)?.environment ?? ''])
  return { help: given.values['help'] === true, operands: given.positionals, value, isSet }
}

interface Given {
  readonly values: Readonly<Record<string, unknown>>
  readonly positionals: readonly string[]
}

function parseGiven(command: Command, argv: readonly string[]): Given {
  const options = Object.fromEntries([
    ['help', { type: 'boolean', short: 'h' } as const],
    ...command.options.map(option => [option.name, { type: optionType(option) }] as const),
  ])
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(explain(command, argv, error as NodeJS.ErrnoException), { cause: error })
  }
}

function optionType(option: CommandOption): 'string' | 'boolean' {
  return option.value === undefined ? 'boolean' : 'string'
}

function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 'true', 'yes', 'on'].includes(text.toLowerCase())
}

function explain(command: Command, argv: readonly string[], error: NodeJS.ErrnoException): string {
  const seeHelp = `see atlas-admission ${command.name} --help`
  if (error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `${firstSentence(error)}; ${seeHelp}`
  const names = command.options.map(option => option.name)
  const unknown = argv
    .filter(word => word.startsWith('--'))
    .map(word => word.slice(2).split('=')[0] ?? '')
    .find(word => word !== 'help' && !names.includes(word))
  if (unknown === undefined) return `${firstSentence(error)}; ${seeHelp}`
  const near = nearestName(unknown, names)
  const hint = near === null ? seeHelp : `did you mean --${near}?`
  return `unknown option --${unknown}; ${hint}`
}

function firstSentence(error: Error): string {
  return error.message.split(/\. |\n/)[0] ?? ''
}
