import type { Test } from 'tap'
import { type Audit, soleLeadership, startAudit } from '../../src/audit/background-audit.js'
import type { AuditOptions, AuditTiming } from '../../src/audit/audit-options.js'
import type { AtlasMigration } from '../../src/policy/facts/atlas-migration.js'
import { rules } from '../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import type { TableFacts } from '../../src/policy/facts/facts.js'
import type { Settings } from '../../src/policy/settings/settings.js'
import type { AuditEvent, AuditReport } from '../../src/review/audit/audit-ports.js'
import type { RevisionsReader } from '../../src/review/ports/ports.js'
import { buildLogger } from '../../src/webhook/logger.js'
import { fakeCluster, filesOf, migration, readTable, rowsOf, urlOf } from '../review/fakes.js'
import { TargetIndex } from '../../src/review/facts/target-index.js'

export const files = filesOf('1', '2')

/** An AtlasMigration that is fine as long as its table has the rows of `files`. */
export function fine(name: string, host = 'db', version = '1'): AtlasMigration {
  const { metadata, ...rest } = migration(name, { url: urlOf(name, host), dir: { local: files } })
  return { ...rest, metadata: { ...metadata, uid: `uid-${name}`, resourceVersion: version } }
}

export interface Read {
  readonly database: string
  readonly host: string
  /** Ends the read with the rows of these files. */
  end(table?: TableFacts | Error): void
}

export const upToDate: TableFacts = { ...readTable, revisions: rowsOf(files) }
export const ahead: TableFacts = { ...readTable, revisions: rowsOf(filesOf('1', '2', '3')) }

export interface AuditedOptions {
  readonly options?: Partial<AuditOptions>
  readonly timing?: Partial<AuditTiming>
  readonly settings?: Partial<Settings>
  /** Reads wait until they are ended. */
  readonly slow?: boolean
}

/** An audit of a cluster that the test changes, with everything that it writes. */
export class AuditedCluster {
  readonly audit: Audit
  readonly events: AuditEvent[] = []
  readonly reports: AuditReport[] = []
  readonly lines: Readonly<Record<string, unknown>>[] = []
  /** Reads that are not ended yet. */
  readonly reads: Read[] = []
  /** Databases, in the order in which they were read. */
  readonly history: string[] = []
  /** Any table but that of a database that is up to date. */
  readonly tables = new Map<string, TableFacts | Error>()
  readonly #objects = new Map<string, AtlasMigration>()
  readonly #listeners = new Set<() => void>()
  readonly #slow: boolean

  constructor(t: Test, migrations: readonly AtlasMigration[], setup: AuditedOptions = {}) {
    this.#slow = setup.slow === true
    for (const object of migrations) this.#objects.set(String(object.metadata.name), object)
    const cluster = {
      ...fakeCluster(),
      migrations: () => [...this.#objects.values()],
      onChange: (listener: () => void) => {
        this.#listeners.add(listener)
        return () => void this.#listeners.delete(listener)
      },
    }
    const write = (line: string) =>
      void this.lines.push(JSON.parse(line) as Readonly<Record<string, unknown>>)
    const options: AuditOptions = {
      cluster,
      followsAllKinds: false,
      ready: () => Promise.resolve(),
      dependencies: {
        cluster,
        reader: this.#reader(),
        rules,
        targets: new TargetIndex(),
        settings: { ...defaultSettings, ...setup.settings },
        now: () => new Date('2026-06-01T12:00:00Z'),
      },
      concurrency: 4,
      leadership: soleLeadership,
      events: { write: async event => void this.events.push(event) },
      reports: { write: async report => this.reports.push(report) > 0 },
      log: buildLogger({ level: 'info' }, { write }),
      monotonic: () => performance.now(),
      ...setup.options,
    }
    const timing = { intervalMs: 60_000, debounceMs: 5, restMs: 0, limitMs: 5000, ...setup.timing }
    this.audit = startAudit(options, timing)
    t.teardown(() => this.audit.stop())
  }

  get listeners(): number {
    return this.#listeners.size
  }

  put(...migrations: readonly AtlasMigration[]): void {
    for (const object of migrations) this.#objects.set(String(object.metadata.name), object)
    this.tell()
  }

  remove(name: string): void {
    this.#objects.delete(name)
    this.tell()
  }

  tell(): void {
    for (const listener of this.#listeners) listener()
  }

  counts() {
    return this.audit.observe().migrations
  }

  said(): readonly string[] {
    return this.events.map(({ object, type, reason, count }) =>
      [object.name, type, reason, count].join(' '),
    )
  }

  #reader(): RevisionsReader {
    return {
      readTable: ({ url }) => {
        const { pathname, hostname: host } = new URL(url.reveal())
        const database = pathname.slice(1)
        this.history.push(database)
        const table = this.tables.get(database) ?? upToDate
        if (table instanceof Error) return Promise.reject(table)
        if (!this.#slow) return Promise.resolve(table)
        return new Promise((resolve, reject) => {
          const read: Read = {
            database,
            host,
            end: (as = table) => {
              this.reads.splice(this.reads.indexOf(read), 1)
              if (as instanceof Error) reject(as)
              else resolve(as)
            },
          }
          this.reads.push(read)
        })
      },
      /* c8 ignore next - only hosts that differ are asked for it */
      readIdentity: () => Promise.resolve(null),
    }
  }
}

export const rest = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
