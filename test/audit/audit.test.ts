import t from 'tap'
import { restMs } from '../../src/audit/guarded-writes.js'
import { pause } from '../../src/audit/pause.js'
import { KeyedSlots, Slots } from '../../src/review/limits/slots.js'
import type { Leadership, Term } from '../../src/review/audit/audit-ports.js'
import { ClusterError } from '../../src/review/ports/cluster-error.js'
import { withTimeLimit } from '../../src/review/limits/time-limit.js'
import { filesOf, readTable, rowsOf } from '../review/fakes.js'
import { ahead, AuditedCluster, fine, rest, upToDate } from './audited-cluster.js'
import { until } from '../until.js'

const none = { pass: 0, warn: 0, fail: 0, error: 0, skip: 0 }

/** Leadership as the test gives it. */
class GivenLeadership implements Leadership {
  #lead: (term: Term) => Promise<void> = () => Promise.resolve()
  #current: { readonly controller: AbortController; readonly done: Promise<void> } | null = null
  holds = true

  run(lead: (term: Term) => Promise<void>, stop: AbortSignal): Promise<void> {
    this.#lead = lead
    return new Promise(resolve => {
      stop.addEventListener('abort', () => void this.take().then(resolve))
    })
  }

  give(): void {
    const controller = new AbortController()
    const { signal } = controller
    const done = this.#lead({ signal, holds: () => this.holds && !signal.aborted })
    this.#current = { controller, done }
  }

  async take(): Promise<void> {
    this.#current?.controller.abort()
    await this.#current?.done
    this.#current = null
  }
}

void t.test('everything is audited at the start, and again after the interval', async t => {
  const audited = new AuditedCluster(t, [fine('a'), fine('b')], { timing: { intervalMs: 40 } })
  audited.tables.set('b', ahead)
  await until('two audits of all', () => audited.history.length >= 4)
  const { leads, findings, migrations, lastRun, failedWrites } = audited.audit.observe()
  t.equal(leads, true)
  t.strictSame([...findings], [['migrate-down-predicted', 1]])
  t.strictSame(migrations, { ...none, pass: 1, fail: 1 })
  t.ok(lastRun && Math.abs(lastRun.at - Date.now() / 1000) < 10 && lastRun.seconds < 10)
  t.strictSame(failedWrites, { events: 0, reports: 0 })
})

void t.test(
  'each change of verdict or findings is logged once, an uneventful begin not at all',
  async t => {
    const audited = new AuditedCluster(t, [fine('a'), fine('b')], { timing: { intervalMs: 10 } })
    audited.tables.set('b', ahead)
    await until('some audits', () => audited.history.length >= 8)
    const lines = () =>
      audited.lines
        .filter(({ msg }) => msg === 'audited')
        .map(({ level, name, verdict }) => [level, name, verdict])
    t.strictSame(lines(), [['warn', 'b', 'fail']])
    audited.tables.set('b', upToDate)
    await until('the repair', () => audited.counts()?.pass === 2)
    t.strictSame(lines().slice(1), [['info', 'b', 'pass']])
  },
)

void t.test('what changes is audited soon, and only that', async t => {
  const audited = new AuditedCluster(t, [fine('a'), fine('b')])
  await until('the first audit', () => audited.counts()?.pass === 2)
  audited.tables.set('b', ahead)
  audited.put(fine('b', 'db', '2'), fine('c'))
  await until('both', () => audited.history.length === 4)
  await until('the verdicts', () => audited.counts()?.fail === 1 && audited.counts()?.pass === 2)
  t.strictSame(audited.history.slice(2).sort(), ['b', 'c'])
  // The same version once more, as after a list, or a change of nothing.
  audited.put(fine('a'))
  audited.tell()
  await rest(30)
  t.equal(audited.history.length, 4)
})

void t.test('where all kinds are followed, any of them may be what has changed', async t => {
  const audited = new AuditedCluster(t, [fine('a'), fine('b')], {
    options: { followsAllKinds: true },
  })
  await until('the first audit', () => audited.history.length === 2)
  audited.tell()
  await until('another of all', () => audited.history.length === 4)
})

void t.test('a file without a version is another object each time it is read', async t => {
  const { metadata, ...object } = fine('a')
  const { resourceVersion: _, ...unversioned } = metadata
  const audited = new AuditedCluster(t, [{ ...object, metadata: unversioned }])
  await until('the first audit', () => audited.history.length === 1)
  const { uid: __, ...unidentified } = unversioned
  audited.put({ ...object, metadata: unidentified })
  await until('another', () => audited.history.length === 2)
  audited.remove('a')
  t.strictSame(audited.counts(), none)
})

void t.test('what an object refers to may change without the object', async t => {
  const audited = new AuditedCluster(t, [fine('a'), fine('b')])
  await until('the first audit', () => audited.history.length === 2)
  audited.audit.touch([])
  audited.audit.touch([fine('b'), fine('unknown')])
  await until('another', () => audited.history.length === 3)
  t.equal(audited.history[2], 'b')
})

void t.test('an object that keeps changing rests between its audits', async t => {
  const audited = new AuditedCluster(t, [fine('a')], { timing: { restMs: 1500 } })
  await until('the first audit', () => audited.history.length === 1)
  for (let version = 2; version < 12; version++) {
    audited.put(fine('a', 'db', String(version)))
    await rest(8)
  }
  t.equal(audited.history.length, 1)
  await until('the last state', () => audited.history.length === 2)
  await rest(200)
  t.equal(audited.history.length, 2)
})

void t.test('a change during an audit brings about another one', async t => {
  const audited = new AuditedCluster(t, [fine('a')], { slow: true })
  await until('a read', () => audited.reads.length === 1)
  audited.put(fine('a', 'db', '2'))
  await rest(20)
  t.equal(audited.reads.length, 1)
  audited.reads[0]?.end()
  await until('another', () => audited.history.length === 2)
  audited.reads[0]?.end()
})

void t.test('an audit of everything takes one that is under way for its own', async t => {
  const audited = new AuditedCluster(t, [fine('a')], { slow: true, timing: { intervalMs: 30 } })
  await until('a read', () => audited.reads.length === 1)
  audited.reads[0]?.end()
  audited.put(fine('a', 'db', '2'))
  await until('another', () => audited.history.length === 2)
  await rest(60)
  t.equal(audited.history.length, 2)
  const { lastRun } = audited.audit.observe()
  audited.reads[0]?.end(ahead)
  await until('its end', () => audited.audit.observe().lastRun !== lastRun)
  t.match(audited.counts(), { fail: 1 })
})

void t.test('what is deleted is forgotten, also in the middle of its audit', async t => {
  const audited = new AuditedCluster(t, [fine('a'), fine('b')], { slow: true })
  await until('both', () => audited.reads.length === 2)
  audited.remove('a')
  for (const read of audited.reads.slice()) read.end(ahead)
  await until('the other', () => audited.counts()?.fail === 1)
  t.strictSame(audited.counts(), { ...none, fail: 1 })
  audited.remove('b')
  t.strictSame(audited.counts(), none)
  t.strictSame([...audited.audit.observe().findings], [])
})

void t.test(
  'so many at a time, two of one server, and a slow one holds up nobody else',
  async t => {
    const slow = Array.from({ length: 6 }, (_, index) => fine(`slow-${index}`, 'slow'))
    const quick = Array.from({ length: 4 }, (_, index) => fine(`quick-${index}`, `host-${index}`))
    const audited = new AuditedCluster(t, [...slow, ...quick], {
      slow: true,
      options: { concurrency: 3 },
    })
    const hosts = () => audited.reads.map(({ host }) => host)
    let most = 0
    const quickAreDone = () =>
      audited.history.filter(name => name.startsWith('quick')).length === 4 && hosts().length <= 2
    await until('the quick ones', async () => {
      if (quickAreDone()) return true
      await rest(3)
      most = Math.max(most, audited.reads.length)
      t.ok(hosts().filter(host => host === 'slow').length <= 2)
      audited.reads.find(({ host }) => host !== 'slow')?.end()
      return false
    })
    t.equal(most, 3)
    t.strictSame(hosts(), ['slow', 'slow'])
    await until('the quick ones', () => audited.counts()?.pass === 4)
    await until('every read', () => {
      audited.reads[0]?.end()
      return audited.history.length === 10 && audited.reads.length === 0
    })
    await until('all', () => audited.counts()?.pass === 10)
  },
)

void t.test('an audit that takes too long is one that could not judge', async t => {
  const audited = new AuditedCluster(t, [fine('a')], { slow: true, timing: { limitMs: 20 } })
  await until('the limit', () => audited.counts()?.error === 1)
  t.match(
    audited.lines.find(({ msg }) => msg === 'audited'),
    {
      level: 'info',
      undecided: ['the time limit has passed'],
    },
  )
})

void t.test('a fault of ours in one audit stops no other', async t => {
  const audited = new AuditedCluster(t, [fine('a'), fine('b')])
  audited.tables.set('a', new TypeError('secret'))
  // Rejects when it takes too long.
  await until('both', () => audited.counts()?.error === 1 && audited.counts()?.pass === 1)
})

void t.test('a server that cannot be told is no reason not to audit', async t => {
  const { spec, ...object } = fine('a')
  const broken = { ...object, spec: { ...spec, url: '' } }
  const audited = new AuditedCluster(t, [broken])
  await until('an audit', () => audited.counts()?.fail === 1)
})

void t.test('a fault of ours in all of it is a pause, and another begin', async t => {
  const leadership = new GivenLeadership()
  let attempts = 0
  const ready = () => {
    attempts += 1
    return Promise.reject(new RangeError('oops'))
  }
  const audited = new AuditedCluster(t, [fine('a')], { options: { leadership, ready } })
  leadership.give()
  await until('the fault', () => audited.lines.some(({ level }) => level === 'error'))
  await rest(20)
  t.equal(attempts, 1)
  await leadership.take()
  t.equal(audited.audit.observe().leads, false)
})

void t.test('a term that ends before all is known is no fault', async t => {
  const leadership = new GivenLeadership()
  const ready = (signal: AbortSignal) =>
    new Promise<void>((_, reject) =>
      signal.addEventListener('abort', () => reject(new ClusterError('not known'))),
    )
  const audited = new AuditedCluster(t, [fine('a')], { options: { leadership, ready } })
  leadership.give()
  await leadership.take()
  t.notOk(audited.lines.some(({ level }) => level === 'error'))
})

void t.test('only who leads knows anything, and writes', async t => {
  const leadership = new GivenLeadership()
  const audited = new AuditedCluster(t, [fine('a'), fine('b')], {
    slow: true,
    options: { leadership },
  })
  const nothing = { leads: false, migrations: null, lastRun: null }
  t.match(audited.audit.observe(), nothing)
  audited.audit.touch([fine('a')])
  leadership.give()
  await until('both', () => audited.reads.length === 2)
  audited.tables.set('a', ahead)
  for (const read of audited.reads.slice()) read.end(ahead)
  await until('both', () => audited.reports.length === 2)
  audited.put(fine('a', 'db', '2'), fine('b', 'db', '2'))
  await until('both again', () => audited.reads.length === 2)
  // The Lease has run out, as far as the clock goes; what is under way must not be written.
  leadership.holds = false
  audited.reads[0]?.end(upToDate)
  await rest(20)
  await leadership.take()
  t.match(audited.audit.observe(), nothing)
  t.equal(audited.reports.length, 2)
  t.equal(audited.listeners, 0)
  t.ok(audited.lines.some(({ msg }) => msg === 'this process does not audit any more'))
  leadership.holds = true
  leadership.give()
  await until('a new begin', () => audited.audit.observe().leads)
  await until('both once more', () => audited.reads.length >= 2)
})

void t.test('a term that ends in the middle leaves nothing behind', async t => {
  const leadership = new GivenLeadership()
  const many = Array.from({ length: 5 }, (_, index) => fine(`m-${index}`))
  const audited = new AuditedCluster(t, many, {
    slow: true,
    options: { leadership, concurrency: 1 },
  })
  leadership.give()
  await until('a read', () => audited.reads.length === 1)
  audited.put(fine('m-4', 'db', '2'))
  await leadership.take()
  t.equal(audited.history.length, 1)
  t.equal(audited.reports.length, 0)
  const failing = new AuditedCluster(t, many, { options: { leadership } })
  failing.tables.set('m-0', new Error('late'))
  leadership.holds = false
  leadership.give()
  await leadership.take()
  t.equal(failing.history.length, 0)
})

void t.test('a fault of ours in a term that is over is not told', async t => {
  const leadership = new GivenLeadership()
  const audited = new AuditedCluster(t, [fine('a')], { slow: true, options: { leadership } })
  leadership.give()
  await until('a read', () => audited.reads.length === 1)
  leadership.holds = false
  audited.reads[0]?.end(new Error('odd'))
  await rest(10)
  await leadership.take()
  t.notOk(audited.lines.some(({ msg }) => msg === 'an audit failed'))
})

void t.test('a fault after the end of the term is nobody’s business', async t => {
  const leadership = new GivenLeadership()
  let fail = () => {}
  const audited = new AuditedCluster(t, [fine('a')], {
    options: {
      leadership,
      events: null,
      reports: { write: () => new Promise((_, reject) => (fail = () => reject(new Error('x')))) },
    },
  })
  leadership.give()
  await until('a write', () => audited.history.length === 1)
  await rest(10)
  const taken = leadership.take()
  fail()
  await taken
  t.notOk(audited.lines.some(({ level }) => level === 'error'))
  t.strictSame(audited.audit.observe().failedWrites, { events: 0, reports: 0 })
})

void t.test(
  'a write that fails is counted, said once by its reason, and tried again later',
  async t => {
    let time = 0
    let fault: unknown = new ClusterError('no right to create events.events.k8s.io')
    let attempts = 0
    const audited = new AuditedCluster(t, [fine('a')], {
      options: {
        monotonic: () => time,
        events: {
          write: async () => {
            attempts += 1
            if (fault) throw fault
          },
        },
      },
    })
    audited.tables.set('a', ahead)
    const failures = () => audited.audit.observe().failedWrites.events
    const errors = () =>
      audited.lines.filter(({ level }) => level === 'error').map(({ reason }) => reason)
    let version = 1
    const again = async () => {
      version += 1
      const audits = audited.history.length
      audited.put(fine('a', 'db', String(version)))
      await until('an audit', () => audited.history.length > audits)
      await rest(5)
    }
    await until('the failure', () => failures() === 1)
    // At rest: the API server is not asked in vain for every object.
    await again()
    t.equal(attempts, 1)
    time += restMs
    await again()
    await until('another failure', () => failures() === 2)
    t.strictSame(errors(), ['no right to create events.events.k8s.io'])
    fault = new TypeError('secret')
    time += restMs
    await again()
    await until('a third failure', () => failures() === 3)
    fault = null
    time += restMs
    await again()
    const restored = "the audit's Events are written again"
    await until('its end', () => audited.lines.some(({ msg }) => msg === restored))
    t.equal(failures(), 3)
    t.strictSame(errors().slice(1), ['TypeError'])
    t.notMatch(JSON.stringify(audited.lines), 'secret')
    // The reports went on all the time.
    t.equal(audited.reports.length, 1)
  },
)

void t.test('a cluster without a kind of report is said once', async t => {
  const audited = new AuditedCluster(t, [fine('a'), fine('b')], {
    options: { reports: { write: () => Promise.resolve(false) }, events: null },
  })
  await until('both', () => audited.counts()?.pass === 2)
  await rest(5)
  t.equal(audited.lines.filter(({ level }) => level === 'warn').length, 1)
})

void t.test('slots are handed on in turn, also after a failure', async t => {
  const slots = new Slots(1)
  const order: number[] = []
  const outcomes = [1, 2, 3].map(number =>
    slots.use(async () => {
      order.push(number)
      if (number === 1) throw new Error('one')
      return number
    }),
  )
  t.strictSame(
    (await Promise.allSettled(outcomes)).map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled'],
  )
  t.strictSame(order, [1, 2, 3])
  t.ok(slots.isIdle)
  const keyed = new KeyedSlots(1)
  const results = ['a', 'a', 'b', null].map(key => keyed.use(key, () => Promise.resolve(key)))
  t.strictSame(await Promise.all(results), ['a', 'a', 'b', null])
})

void t.test('a time limit ends with its time, its parent, or its work', async t => {
  const parent = new AbortController()
  const aborted = () =>
    withTimeLimit({ ms: 10_000, parent: parent.signal }, ({ signal }) =>
      signal.aborted
        ? Promise.resolve('at once')
        : new Promise<string>(resolve => signal.addEventListener('abort', () => resolve('later'))),
    )
  const later = aborted()
  parent.abort()
  t.equal(await later, 'later')
  t.equal(await aborted(), 'at once')
  await pause(60_000, parent.signal)
})

void t.test('of two directories on one table it is said whether they can become one', async t => {
  const other = { ...fine('b'), spec: { ...fine('a').spec, dir: { local: filesOf('3') } } }
  const audited = new AuditedCluster(t, [fine('a'), other])
  const revisions = [...rowsOf(filesOf('1', '2')), ...rowsOf(filesOf('3'))]
  audited.tables.set('a', { ...readTable, revisions })
  audited.tell()
  await until('both are denied', () => audited.counts()?.fail === 2)
  const proposals = audited.lines.flatMap(({ proposal }) => proposal ?? [])
  t.match(proposals[0], /^can be consolidated as it stands: atlas-admission consolidate /)
})
