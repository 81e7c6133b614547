import type { Command } from './line/command.js'

export const versionCommand: Command = {
  name: 'version',
  summary: 'print the version, and of which Atlas and operator it speaks',
  operands: '',
  options: [{ name: 'json', help: 'print it as JSON' }],
  examples: ['atlas-admission version', 'atlas-admission version --json'],
}
