import { ruleIds } from '../policy/rules/catalogue.js'
import { nearestName } from '../policy/text/nearest-name.js'
import type { Arguments } from './line/arguments.js'
import type { Command, CommandOption } from './line/command.js'
import type {
  CompletedCommand,
  CompletedOption,
  Completion,
} from './completion/completed-command.js'
import { bashCompletion } from './completion/completion-bash.js'
import { fishCompletion } from './completion/completion-fish.js'
import { zshCompletion } from './completion/completion-zsh.js'
import type { Output } from './output/output.js'
import { UsageError } from './line/usage-error.js'

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

/**
 * Prints a script that makes a shell complete these commands. Returns the exit code.
 * @throws UsageError for another shell.
 */
export function printCompletion(
  args: Arguments,
  commands: readonly Command[],
  { print }: Output,
): number {
  const shell = parseShell(args.operands[0])
  print(scripts[shell](commands.map(command => completedCommand(command, commands))))
  return 0
}

function parseShell(name: string | undefined): keyof typeof scripts {
  const shells = Object.keys(scripts) as (keyof typeof scripts)[]
  const shell = shells.find(shell => shell === name)
  if (shell) return shell
  if (name === undefined) throw new UsageError('completion needs a shell: bash, zsh or fish')
  const near = nearestName(name, shells)
  const hint = near === null ? 'expected bash, zsh or fish' : `did you mean ${near}?`
  throw new UsageError(`no completion for "${name}"; ${hint}`)
}

const help: CompletedOption = { name: 'help', help: 'explain it', value: null, repeatable: false }

function completedCommand(command: Command, commands: readonly Command[]): CompletedCommand {
  return {
    name: command.name,
    summary: command.summary,
    options: [...command.options.map(completedOption), help],
    operands: operandsOf(command.operands, commands),
  }
}

function operandsOf(operands: string, commands: readonly Command[]): Completion {
  if (operands === '[COMMAND]') return { kind: 'words', words: commands.map(({ name }) => name) }
  if (operands === '[ID]') return { kind: 'words', words: ruleIds }
  return completionOf(operands)
}

function completedOption(option: CommandOption): CompletedOption {
  const { name, value, choices, repeatable = false } = option
  return {
    name,
    help: option.help,
    repeatable,
    value:
      value === undefined
        ? null
        : choices
          ? { kind: 'words', words: choices }
          : completionOf(value),
  }
}

/** By the placeholder: `a|b` names the values, and whatever ends in FILE, DIR, FOLDER or PATH is one. */
function completionOf(placeholder: string): Completion {
  if (/^[a-z]+(\|[a-z]+)+$/.test(placeholder))
    return { kind: 'words', words: placeholder.split('|') }
  return /(?:^|\[)(FILE|DIR|FOLDER|PATH)\b/.test(placeholder) ? { kind: 'files' } : { kind: 'free' }
}
