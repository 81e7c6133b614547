import type { Command } from '../line/command.js'
import { listen } from '../line/listen-option.js'

export const demoCommand: Command = {
  name: 'demo',
  summary: 'show the gate at work on a PostgreSQL of its own (npm start)',
  operands: '',
  options: [
    listen,
    {
      name: 'once',
      environment: 'ATLAS_ADMISSION_ONCE',
      help: 'exit after the table instead of serving on',
    },
  ],
  examples: ['atlas-admission demo --once'],
}
