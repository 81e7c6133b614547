import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import t from 'tap'
import { commands } from '../../src/cli/commands.js'
import { commandHelp } from '../../src/cli/help.js'
import { matchText } from '../cli/program.js'

void t.test('docs/commands.md shows the help of every command', async t => {
  const pages = commands.map(command =>
    [`## ${command.name}`, '', '```text', commandHelp(command), '```', ''].join('\n'),
  )
  const head =
    '# Commands\n\nEvery command explains itself; this is what `atlas-admission COMMAND --help` prints.\n'
  matchText(t, 'docs/commands.md', [head, ...pages].join('\n'))
})

/** A path, or the start of some files' names before a star. */
function isThere(path: string): boolean {
  if (!path.includes('*')) return existsSync(path)
  const [start = ''] = basename(path).split('*')
  return readdirSync(dirname(path)).some(name => name.startsWith(start))
}

void t.test('the threat model names tests and files that there are', async t => {
  const text = readFileSync('docs/security.md', 'utf8')
  const paths = [...text.matchAll(/`((?:test|src)\/[^`\s]+)`/g)].map(([, path = '']) => path)
  t.ok(paths.length > 20)
  for (const path of paths) t.ok(isThere(path), path)
})

void t.test('the walk through a review names files that there are', async t => {
  const text = readFileSync('docs/architecture.md', 'utf8')
  const paths = [...text.matchAll(/`(src\/[^`\s]+)`/g)].map(([, path = '']) => path)
  t.ok(paths.length > 20)
  for (const path of paths) t.ok(isThere(path), path)
})
