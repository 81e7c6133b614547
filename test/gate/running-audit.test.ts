import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { soleLeadership } from '../../src/audit/background-audit.js'
import type { FollowedCluster, OpenAudit, OpenedCluster } from '../../src/gate/opened-cluster.js'
import { startReviewing } from '../../src/gate/running-gate.js'
import { formatManifestProblem } from '../../src/manifests/text/manifest-problem.js'
import { openManifests } from '../../src/manifests/manifests-cluster.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import type { AuditSettings } from '../../src/policy/settings/settings.js'
import type { AuditEvent, AuditReport } from '../../src/review/audit/audit-ports.js'
import { buildLogger } from '../../src/webhook/logger.js'
import { until } from '../until.js'

const manifest = (name: string, dir: unknown) =>
  JSON.stringify({
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name, namespace: 'shop', uid: `uid-${name}` },
    spec: { url: 'mysql://user:hunter2@db:3306/shop', dir },
  })
const withoutSum = { local: { '1_x.sql': 'SELECT 1;' } }

async function openFolder(
  t: Test,
): Promise<{ readonly cluster: FollowedCluster; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-admission-audit-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'broken.json'), manifest('broken', withoutSum))
  await writeFile(join(folder, 'undirected.json'), manifest('undirected', {}))
  const manifests = await openManifests(folder, { pollMs: 20, settleMs: 0 })
  t.teardown(() => manifests.close())
  const problems = () => manifests.problems().map(formatManifestProblem)
  return { cluster: { ...manifests, problems }, folder }
}

interface Started {
  readonly lines: string[]
  readonly metrics: () => Promise<string>
}

async function start(
  t: Test,
  audited: OpenedCluster,
  settings: Partial<AuditSettings> = {},
): Promise<Started> {
  const lines: string[] = []
  const gate = await startReviewing(
    {
      listen: { host: '127.0.0.1', port: 0 },
      metricsListen: { host: '127.0.0.1', port: 0 },
      certificateFiles: null,
      drainDelayMs: 0,
    },
    {
      ...audited,
      audited,
      reader: {
        readTable: async () => ({ kind: 'unread' }),
        readIdentity: async () => null,
        connections: () => 0,
        close: async () => {},
      },
      settings: { ...defaultSettings, audit: { ...defaultSettings.audit, ...settings } },
      log: buildLogger({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
    },
  )
  t.teardown(() => gate.stop())
  return {
    lines,
    metrics: async () => (await fetch(`${String(gate.metricsUrl)}/metrics`)).text(),
  }
}

const samples = (text: string) =>
  text.split('\n').filter(line => line.startsWith('atlas_admission_audit'))

void t.test('a folder is audited, into metrics and log, and again when it changes', async t => {
  const { cluster, folder } = await openFolder(t)
  const { metrics, lines } = await start(t, { cluster })
  const audited = async (sample: string) => samples(await metrics()).includes(sample)
  await until('an audit', () => audited('atlas_admission_audit_migrations{verdict="fail"} 2'))
  const shown = samples(await metrics())
  t.ok(shown.includes('atlas_admission_audit_leader 1'))
  t.ok(shown.includes('atlas_admission_audit_findings{rule="checksum-missing"} 1'))
  t.ok(shown.includes('atlas_admission_audit_findings{rule="directory-missing"} 1'))
  t.ok(shown.includes('atlas_admission_audit_write_errors_total{kind="events"} 0'))
  t.ok(shown.some(line => /^atlas_admission_audit_last_run_timestamp_seconds \d+/.test(line)))
  t.ok(shown.some(line => /^atlas_admission_audit_last_run_duration_seconds [\d.e-]+$/.test(line)))
  t.notMatch(shown.join('\n'), /broken|shop/)
  t.ok(lines.some(line => line.includes('"verdict":"fail"') && line.includes('"name":"broken"')))
  t.notMatch(lines.join('\n'), 'hunter2')
  await rm(join(folder, 'broken.json'))
  await until('the change', () => audited('atlas_admission_audit_migrations{verdict="fail"} 1'))
})

void t.test('without an interval there is no audit', async t => {
  const { cluster } = await openFolder(t)
  const { metrics } = await start(t, { cluster }, { intervalSeconds: 0 })
  t.strictSame(samples(await metrics()), [])
})

interface Written {
  readonly events: AuditEvent[]
  readonly reports: AuditReport[]
  readonly problem: (reason: string) => void
}

/** A cluster that is watched, known once it is synced, and that takes Events and reports. */
function watched(cluster: FollowedCluster): {
  readonly opened: OpenedCluster
  readonly written: Written
  readonly sync: () => void
} {
  const events: AuditEvent[] = []
  const reports: AuditReport[] = []
  let options: Parameters<OpenAudit>[0] | undefined
  let sync = () => {}
  const synced = new Promise<void>(resolve => (sync = resolve))
  return {
    opened: {
      cluster,
      watch: {
        synced: () => true,
        whenSynced: () => synced,
        problem: () => null,
        unreadable: () => [],
        restarts: () => 0,
        lastEventAge: () => 0,
      },
      openAudit(given) {
        options = given
        return {
          leadership: soleLeadership,
          events: { write: async event => void events.push(event) },
          reports: { write: async report => reports.push(report) > 0 },
        }
      },
    },
    written: { events, reports, problem: reason => options?.onLeaseProblem(reason) },
    sync,
  }
}

void t.test(
  'a cluster is audited once it is known, with Events and, if asked for, reports',
  async t => {
    const { cluster } = await openFolder(t)
    const { opened, written, sync } = watched(cluster)
    const { lines, metrics } = await start(t, opened, { reports: true })
    written.problem('no right to get leases')
    t.ok(lines.some(line => line.includes('no right to get leases') && line.includes('Lease')))
    t.strictSame(written.events, [])
    const before = samples(await metrics())
    t.ok(before.includes('atlas_admission_audit_leader 1'))
    t.notOk(before.some(line => line.includes('last_run')))
    sync()
    await until('both', () => written.reports.length === 2)
    t.strictSame(written.events.map(({ object, reason }) => `${object.name} ${reason}`).sort(), [
      'broken ChecksumMissing',
      // Both have one URL.
      'broken RevisionTableShared',
      'undirected DirectoryMissing',
    ])
  },
)

void t.test('neither is written when the policy says so', async t => {
  const { cluster } = await openFolder(t)
  const { opened, written, sync } = watched(cluster)
  const { metrics } = await start(t, opened, { events: false })
  sync()
  await until('an audit', async () =>
    (await metrics()).includes('audit_migrations{verdict="fail"} 2'),
  )
  t.strictSame([written.events, written.reports], [[], []])
})
