import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { PolicyWatch } from '../../src/gate/policy-watch.js'
import { readSettings } from '../../src/gate/settings-file.js'
import { buildLogger } from '../../src/webhook/logger.js'
import { Metrics } from '../../src/webhook/metrics/metrics.js'
import { until } from '../until.js'

async function follow(t: Test, text: string) {
  const file = join(t.testdir({ 'policy.yaml': text }), 'policy.yaml')
  const lines: string[] = []
  const log = buildLogger({ level: 'info' }, { write: line => void lines.push(line) })
  const metrics = new Metrics({ version: '0', processMetrics: false })
  let reads = 0
  const read = () => {
    reads += 1
    return readSettings(file, ['baseline-unknown'])
  }
  const initial = await read()
  const watch = new PolicyWatch({ file, initial, read, log, metrics, pollMs: 20, debounceMs: 5 })
  t.teardown(() => watch.close())
  const untilSaid = (said: string) => until(said, () => lines.join('').includes(said))
  /** Each poll reads the file once. */
  const polls = (count: number) => {
    const begun = reads
    return until(`${count} polls`, () => reads >= begun + count)
  }
  return { file, watch, untilSaid, polls, lines, metrics }
}

/** In one step, as the kubelet does: a poll must not find half a file. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

void t.test('a change of the policy takes effect, a mistake leaves the last good one', async t => {
  const { file, watch, untilSaid, polls, lines, metrics } = await follow(t, 'mode: warn\n')
  t.equal(watch.settings.mode, 'warn')
  await replace(file, 'mode: audit\n')
  await untilSaid('policy loaded again')
  t.equal(watch.settings.mode, 'audit')
  await replace(file, 'mode: never\n')
  await untilSaid('the last good one stays in force')
  t.equal(watch.settings.mode, 'audit')
  await polls(3)
  t.equal(
    lines.filter(line => line.includes('stays in force')).length,
    1,
    'a poll does not repeat it',
  )
  await rm(file)
  await untilSaid('cannot be read')
  t.match(await metrics.text(), 'policy_reloads_total{outcome="failed"} 2')
})

void t.test('what is set up at the start says that it needs a restart', async t => {
  const { file, watch, untilSaid } = await follow(t, 'mode: warn\n')
  await replace(file, 'database: { maxRows: 5 }\n')
  await untilSaid('need a restart')
  t.equal(watch.settings.database.maxRows, 5)
})
