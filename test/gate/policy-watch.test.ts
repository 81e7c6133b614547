import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { PolicyWatch } from '../../src/gate/policy-watch.js'
import { readSettings } from '../../src/gate/settings-file.js'
import { buildLogger } from '../../src/webhook/logger.js'
import { Metrics } from '../../src/webhook/metrics/metrics.js'

async function follow(t: Test, text: string) {
  const file = join(t.testdir({ 'policy.yaml': text }), 'policy.yaml')
  const lines: string[] = []
  const log = buildLogger({ level: 'info' }, { write: line => void lines.push(line) })
  const metrics = new Metrics({ version: '0', processMetrics: false })
  const read = () => readSettings(file, ['baseline-unknown'])
  const initial = await read()
  const watch = new PolicyWatch({ file, initial, read, log, metrics, pollMs: 20, debounceMs: 5 })
  t.teardown(() => watch.close())
  const until = async (said: string) => {
    for (let tries = 0; tries < 500 && !lines.join('').includes(said); tries++) await sleep(10)
    t.match(lines.join(''), said)
  }
  return { file, watch, until, lines, metrics }
}

/** In one step, as the kubelet does: a poll must not find half a file. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

void t.test('a change of the policy takes effect, a mistake leaves the last good one', async t => {
  const { file, watch, until, lines, metrics } = await follow(t, 'mode: warn\n')
  t.equal(watch.settings.mode, 'warn')
  await replace(file, 'mode: audit\n')
  await until('policy loaded again')
  t.equal(watch.settings.mode, 'audit')
  await replace(file, 'mode: never\n')
  await until('the last good one stays in force')
  t.equal(watch.settings.mode, 'audit')
  await sleep(100)
  t.equal(
    lines.filter(line => line.includes('stays in force')).length,
    1,
    'a poll does not repeat it',
  )
  await rm(file)
  await until('cannot be read')
  t.match(await metrics.text(), 'policy_reloads_total{outcome="failed"} 2')
})

void t.test('what is set up at the start says that it needs a restart', async t => {
  const { file, watch, until } = await follow(t, 'mode: warn\n')
  await replace(file, 'database: { maxRows: 5 }\n')
  await until('need a restart')
  t.equal(watch.settings.database.maxRows, 5)
})
