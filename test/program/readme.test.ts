import { readFileSync } from 'node:fs'
import t from 'tap'
import { commands } from '../../src/cli/commands.js'
import { serveCommand } from '../../src/cli/serve/command.js'
import { Metrics } from '../../src/webhook/metrics/metrics.js'

const readme = readFileSync('README.md', 'utf8')
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly devDependencies: Readonly<Record<string, string>>
}

void t.test(
  'the README names every command, and every variable that a manifest may set',
  async t => {
    for (const { name } of commands) t.match(readme, `\`${name}\``)
    for (const { name, environment } of serveCommand.options) {
      t.match(readme, `--${name}`)
      t.match(readme, environment)
    }
  },
)

void t.test('the README names every metric', async t => {
  const metrics = new Metrics({ version: '0', processMetrics: false })
  metrics.watchDatabaseConnections(() => 0)
  const cluster = { migrations: 0, unreadable: 0, up: true, restarts: 0, lastEventAge: 0 }
  metrics.watchCluster(() => cluster)
  metrics.watchAudit(() => ({
    leads: false,
    findings: new Map(),
    migrations: null,
    lastRun: null,
    failedWrites: { events: 0, reports: 0 },
  }))
  metrics.watchRotation(() => ({ authorityExpiresAt: null, trusted: false }))
  const names = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(match => match[1] ?? '')
  t.ok(names.length > 5)
  for (const name of names) t.match(readme, `\`${name}\``)
})

void t.test('the README gives a reason for every dependency', async t => {
  for (const name of Object.keys(manifest.devDependencies)) t.match(readme, name)
})
