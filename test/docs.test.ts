import t from 'tap'
import { commands } from '../src/cli/commands.js'
import { commandHelp } from '../src/cli/help.js'
import { matchText } from './cli/program.js'

void t.test('docs/commands.md shows the help of every command', async t => {
  const pages = commands.map(command =>
    [`## ${command.name}`, '', '```text', commandHelp(command), '```', ''].join('\n'),
  )
  const head =
    '# Commands\n\nEvery command explains itself; this is what `atlas-admission COMMAND --help` prints.\n'
  matchText(t, 'docs/commands.md', [head, ...pages].join('\n'))
})
