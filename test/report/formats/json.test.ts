import t from 'tap'
import { formatJson, type JsonReport } from '../../../src/report/formats/json.js'
import { matchGolden } from '../golden.js'
import { nastyReport, report } from '../reports.js'

void t.test('everything that a report can hold', async t => {
  const text = formatJson(nastyReport)
  matchGolden(t, 'nasty.json', text)
  t.notMatch(text, 's3cret')
  const { objects, summary } = JSON.parse(text) as JsonReport
  t.same(
    objects.map(({ name }) => name),
    ['orders', 'unknown', 'careful', 'quiet', 'skipped'],
    'worst first',
  )
  t.same(summary, { fail: 1, error: 1, warn: 1, pass: 1, skip: 1, problems: 2 })
})

void t.test('an empty report has every key', async t => {
  t.same(JSON.parse(formatJson(report())), {
    schemaVersion: 1,
    tool: { name: 'atlas-admission', version: '1.2.3' },
    command: 'check',
    startedAt: '2026-01-02T03:04:05.678Z',
    seconds: 1.25,
    summary: { fail: 0, error: 0, warn: 0, pass: 0, skip: 0, problems: 0 },
    objects: [],
    problems: [],
    groups: [],
    notes: [],
  })
})
