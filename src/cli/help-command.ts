import type { Command } from './line/command.js'

export const helpCommand: Command = {
  name: 'help',
  summary: 'explain a command: its options, examples and exit codes',
  operands: '[COMMAND]',
  options: [],
  examples: ['atlas-admission help', 'atlas-admission help serve'],
}
