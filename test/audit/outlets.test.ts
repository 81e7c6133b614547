import t from 'tap'
import { EventLedger, repeatMs } from '../../src/audit/event-ledger.js'
import { eventNote, eventReason } from '../../src/audit/event-note.js'
import { buildReport } from '../../src/audit/report-content.js'
import { ReportLedger } from '../../src/audit/report-ledger.js'
import { ruleIds, rules } from '../../src/policy/rules/catalogue.js'
import type { JudgedFinding } from '../../src/policy/enforcement/enforcement.js'
import type { Rule } from '../../src/policy/facts/finding.js'
import type { MigrationAudit } from '../../src/review/audit/audit-migration.js'
import type { AuditEvent, AuditReport } from '../../src/review/audit/audit-ports.js'
import { ahead, AuditedCluster, fine, upToDate } from './audited-cluster.js'
import { until } from '../until.js'

const { signal } = new AbortController()

const ruleOf = (id: string) => rules.find(rule => rule.id === id) as Rule

function judged(
  id: string,
  parts: Partial<JudgedFinding> & { found?: string } = {},
): JudgedFinding {
  const { found = 'something', ...rest } = parts
  return {
    rule: ruleOf(id),
    finding: { found, expected: '', remedy: 'do it', field: '', subjects: [] },
    introduced: true,
    object: { kind: 'AtlasMigration', namespace: 'shop', name: 'm' },
    severity: 'deny',
    action: 'deny',
    cause: null,
    reason: '',
    ...rest,
  }
}

function result(...found: readonly JudgedFinding[]): MigrationAudit {
  return {
    object: { namespace: 'shop', name: 'm', uid: 'u' },
    verdict: found.length > 0 ? 'fail' : 'pass',
    judged: found,
    mode: 'enforce',
    notices: [],
    undecided: [],
    unchecked: [],
    outlook: null,
    proposal: null,
  }
}

interface Ledger {
  readonly events: AuditEvent[]
  readonly ledger: EventLedger
  readonly said: () => readonly string[]
  readonly pass: (ms: number) => void
  fails: boolean
}

function buildLedger(): Ledger {
  const events: AuditEvent[] = []
  let time = 0
  const built: Ledger = {
    events,
    ledger: new EventLedger({
      events: {
        write: async event => {
          if (built.fails) throw new Error('no')
          events.push(event)
        },
      },
      monotonic: () => time,
    }),
    said: () =>
      events.splice(0).map(({ type, reason, count, note }) => `${type} ${reason} ${count} ${note}`),
    pass: ms => void (time += ms),
    fails: false,
  }
  return built
}

void t.test('an Event for each finding, once, and again when it says something else', async t => {
  const { ledger, said, events } = buildLedger()
  const down = judged('migrate-down-predicted')
  await ledger.publish(result(down, judged('checksum-missing', { action: 'warn' })), signal)
  t.strictSame(events[0]?.object, { namespace: 'shop', name: 'm', uid: 'u' })
  t.strictSame(said(), [
    'Warning MigrateDownPredicted 1 something; fix: do it',
    'Warning ChecksumMissing 1 something; fix: do it',
  ])
  await ledger.publish(result(down, judged('checksum-missing')), signal)
  t.strictSame(said(), [])
  await ledger.publish(result(down, judged('checksum-missing', { found: 'more' })), signal)
  t.strictSame(said(), ['Warning ChecksumMissing 1 more; fix: do it'])
})

void t.test('what still holds is counted every half hour', async t => {
  const { ledger, said, pass } = buildLedger()
  const down = result(judged('migrate-down-predicted'))
  await ledger.publish(down, signal)
  pass(repeatMs - 1)
  await ledger.publish(down, signal)
  t.equal(said().length, 1)
  pass(1)
  await ledger.publish(down, signal)
  await ledger.publish(down, signal)
  pass(repeatMs)
  await ledger.publish(down, signal)
  t.strictSame(
    said().map(line => line.split(' ')[2]),
    ['2', '3'],
  )
})

void t.test('what has gone is said, unless nobody could look', async t => {
  const { ledger, said } = buildLedger()
  await ledger.publish(result(judged('migrate-down-predicted')), signal)
  said()
  await ledger.publish({ ...result(), verdict: 'error', undecided: ['no database'] }, signal)
  t.strictSame(said(), [])
  await ledger.publish(result(), signal)
  t.strictSame(said(), ['Normal MigrateDownPredicted 1 no longer found'])
  await ledger.publish(result(), signal)
  t.strictSame(said(), [])
})

void t.test('audit means no Events, for a rule and for a namespace', async t => {
  const { ledger, said } = buildLedger()
  await ledger.publish(result(judged('checksum-missing', { action: 'audit' })), signal)
  await ledger.publish({ ...result(judged('checksum-missing')), mode: 'audit' }, signal)
  t.strictSame(said(), [])
})

void t.test('what could not be said is said the next time', async t => {
  const built = buildLedger()
  const { ledger, said } = built
  built.fails = true
  await t.rejects(ledger.publish(result(judged('checksum-missing')), signal))
  built.fails = false
  await ledger.publish(result(judged('checksum-missing')), signal)
  t.equal(said().length, 1)
  built.fails = true
  await t.rejects(ledger.publish(result(), signal))
  built.fails = false
  await ledger.publish(result(), signal)
  t.equal(said().length, 1)
  // An object of the same name is another one.
  await ledger.publish(result(judged('checksum-missing')), signal)
  ledger.forget('u')
  await ledger.publish(result(), signal)
  t.equal(said().length, 1)
})

void t.test('a note is one line that an API server takes', async t => {
  const exempted = judged('checksum-missing', { cause: 'exempted', reason: 'exempted\nby policy' })
  t.equal(eventNote(exempted), '(exempted by policy) something; fix: do it')
  for (const text of ['a ', 'ä ', '表 ']) {
    const note = eventNote(judged('checksum-missing', { found: text.repeat(2000) }))
    t.ok(Buffer.byteLength(note) <= 1024, text)
    t.ok(note.length > 300, text)
    t.notMatch(note, /[\n\r\t]/)
  }
  t.notMatch(eventNote(judged('url-invalid', { found: 'postgres://u:hunter2@db/x' })), 'hunter2')
})

void t.test('every rule has a reason that Kubernetes takes', async t => {
  for (const id of ruleIds) t.match(eventReason(id), /^(?:[A-Z][a-z0-9]*)+$/)
  t.equal(eventReason('revision-table-shared'), 'RevisionTableShared')
})

void t.test('a report has a result for each finding and for what could not be judged', async t => {
  const { finding, ...found } = judged('checksum-missing', {
    action: 'warn',
    cause: 'exempted',
    reason: 'exempted by policy: legacy',
  })
  const detailed = {
    ...found,
    finding: { ...finding, field: 'spec.dir', expected: 'a sum', details: ['one', 'two'] },
  }
  const lowly = judged('version-width', { action: 'audit' })
  const audited = {
    ...result(judged('migrate-down-predicted'), detailed, lowly),
    undecided: ['the database cannot be reached'],
  }
  t.strictSame(buildReport(audited).results, [
    {
      rule: 'migrate-down-predicted',
      result: 'fail',
      severity: 'high',
      message: 'something; fix: do it',
      properties: {},
    },
    {
      rule: 'checksum-missing',
      result: 'warn',
      severity: 'medium',
      message: 'something; expected: a sum; fix: do it',
      properties: {
        field: 'spec.dir',
        details: 'one; two',
        exempted: 'exempted by policy: legacy',
      },
    },
    {
      rule: 'version-width',
      result: 'warn',
      severity: 'low',
      message: 'something; fix: do it',
      properties: {},
    },
    {
      rule: '',
      result: 'error',
      severity: 'medium',
      message: 'cannot decide: the database cannot be reached',
      properties: {},
    },
  ])
})

void t.test('a report of nothing passes, and says what was not checked', async t => {
  const passed = { rule: '', result: 'pass', severity: 'low', message: 'nothing would go wrong' }
  t.strictSame(buildReport(result()).results, [{ ...passed, properties: {} }])
  t.strictSame(buildReport({ ...result(), unchecked: ['the remote directory'] }).results, [
    { ...passed, properties: { 'not-checked': 'the remote directory' } },
  ])
})

void t.test('a report is written when it has changed', async t => {
  const written: AuditReport[] = []
  let isServed = false
  const ledger = new ReportLedger({
    write: async report => {
      if (isServed) written.push(report)
      return isServed
    },
  })
  t.equal(await ledger.publish(result(), signal), false)
  isServed = true
  t.equal(await ledger.publish(result(), signal), true)
  t.equal(await ledger.publish(result(), signal), true)
  t.equal(written.length, 1)
  await ledger.publish(result(judged('checksum-missing')), signal)
  t.equal(written.length, 2)
  ledger.forget('u')
  await ledger.publish(result(judged('checksum-missing')), signal)
  t.equal(written.length, 3)
})

void t.test('what an audit of an object finds goes where it should', async t => {
  const audited = new AuditedCluster(t, [fine('a'), fine('b'), fine('gone')], {
    settings: { namespaces: [{ match: ['shop'], mode: 'warn' }] },
  })
  audited.tables.set('a', ahead)
  await until('all', () => audited.reports.length === 3)
  t.strictSame(audited.said(), ['a Warning MigrateDownPredicted 1'])
  t.notMatch(JSON.stringify([audited.events, audited.reports, audited.lines]), 'hunter2')
  audited.tables.set('a', upToDate)
  audited.put(fine('a', 'db', '2'))
  await until('the repair', () => audited.events.length === 2)
  t.strictSame(audited.said()[1], 'a Normal MigrateDownPredicted 1')
  await until('its report', () => audited.reports.length === 4)
  const { metadata, ...object } = fine('gone', 'db', '2')
  const deletionTimestamp = '2026-06-01T12:00:00Z'
  audited.put({ ...object, metadata: { ...metadata, deletionTimestamp } })
  await until('the skip', () => audited.counts()?.skip === 1)
  t.equal(audited.reports.length, 4)
  audited.remove('gone')
  t.equal(audited.counts()?.skip, 0)
})
