import type { Command } from '../line/command.js'

export const conformanceCommand: Command = {
  name: 'conformance',
  summary: "compare the core with the engine's recorded answers",
  operands: 'DIR',
  options: [],
  examples: ['atlas-admission conformance test/fixtures/vectors'],
}
