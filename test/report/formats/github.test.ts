import t from 'tap'
import { formatGithub } from '../../../src/report/formats/github.js'
import { matchGolden } from '../golden.js'
import { at, judged, nastyReport, report, reported, reportedObject } from '../reports.js'

void t.test('everything that a report can hold', async t => {
  const text = formatGithub(nastyReport)
  matchGolden(t, 'nasty.github.txt', text)
  t.notMatch(text, 's3cret')
})

type CommandParts = [before: '', command: string, properties: string, message: string]

/** As the runner takes a line apart (actions/runner, ActionCommand.cs). */
function parseCommand(line: string) {
  const [, command, properties, message] = line.split(/^::(\w+) ?(.*?)::/s) as CommandParts
  const unescape = (text: string) =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%')
  const pairs = properties.split(',').map(pair => pair.split('=').map(unescape))
  return { command, properties: Object.fromEntries(pairs) as object, message: unescape(message) }
}

void t.test('the runner reads back what was meant', async t => {
  const findings = [
    reported(judged('version-width', { found: '100% a::b', remedy: 'c' }), at('a,b:c%.yaml', 2, 3)),
  ]
  const objects = [reportedObject('orders', { verdict: 'fail', findings })]
  const [line = '', ...rest] = formatGithub(report({ objects })).split('\n')
  t.same(parseCommand(line), {
    command: 'error',
    properties: { file: 'a,b:c%.yaml', line: '2', col: '3', title: 'version-width' },
    message: 'app/orders: 100% a::b\nfix: c',
  })
  t.same(rest, ['atlas-admission: 1 AtlasMigration: 1 denied'])
})
