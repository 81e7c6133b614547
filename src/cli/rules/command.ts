import type { Command } from '../line/command.js'

export const rulesCommand: Command = {
  name: 'rules',
  summary: 'list the rules, or explain one: why, an example, the way out',
  operands: '[ID]',
  options: [
    {
      name: 'format',
      value: 'FORMAT',
      choices: ['text', 'json', 'markdown'],
      default: 'text',
      help: 'how to print them',
    },
  ],
  examples: [
    'atlas-admission rules',
    'atlas-admission rules migrate-down-predicted',
    'atlas-admission rules --format json',
  ],
}
