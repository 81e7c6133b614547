import { unknownOperator } from '../../../src/policy/facts/facts.js'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import type { Test } from 'tap'
import { parse } from 'yaml'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { scanStatements } from '../../../src/atlas/statement/statement.js'
import { computeSum } from '../../../src/atlas/directory/sum.js'
import { startReviewing } from '../../../src/gate/running-gate.js'
import type {
  EmbeddedPostgres,
  EmbeddedPostgresOptions,
} from '../../../src/database/embedded/embedded-postgres.js'
import { buildPostgresReader, type PostgresReader } from '../../../src/database/postgres-reader.js'
import { openManifests, type ManifestsCluster } from '../../../src/manifests/manifests-cluster.js'
import type {
  AtlasMigration,
  ConfigMap,
  Secret,
} from '../../../src/policy/facts/atlas-migration.js'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'
import type { Facts } from '../../../src/policy/facts/facts.js'
import type { Settings } from '../../../src/policy/settings/settings.js'
import type { AdmissionAnswer, AdmissionRequest } from '../../../src/review/ports/admission.js'
import { buildClusterView, withWrite } from '../../../src/review/facts/cluster-view.js'
import { ignoreFault } from '../../../src/review/ports/fault.js'
import { KnownDatabases } from '../../../src/review/facts/known-databases.js'
import { auditPatience, buildPatience } from '../../../src/review/limits/patience.js'
import { PartReads } from '../../../src/review/facts/part-reads.js'
import { passing } from '../../../src/review/limits/passing.js'
import { gatherFacts } from '../../../src/review/facts/facts-gathering.js'
import type { Cluster, Deadline } from '../../../src/review/ports/ports.js'
import { buildReviewer } from '../../../src/review/reviewer.js'
import { findSubject } from '../../../src/review/verdict/subject.js'
import { TableReads } from '../../../src/review/facts/table-reads.js'
import type { Gate } from '../../../src/webhook/gate.js'
import { buildLogger } from '../../../src/webhook/logger.js'
import {
  createDatabase,
  createRevisionsTable,
  execute,
  insertRevisions,
  startTestPostgres,
  withClient,
  type TestRevision,
} from '../../database/test-postgres.js'
import type { Files } from '../../policy/facts/facts-builder.js'
import { TargetIndex } from '../../../src/review/facts/target-index.js'

type KubernetesObject = AtlasMigration | ConfigMap | Secret

/** A write as the API server asks about it. */
export interface Write {
  readonly before: KubernetesObject | null
  readonly after: KubernetesObject | null
  readonly dryRun?: boolean
  readonly subResource?: string
}

/** What the gate knows and answers. `facts`: of the first AtlasMigration that the write touches. */
export interface Judgement {
  readonly answer: AdmissionAnswer
  readonly facts: Omit<Facts, 'before'> | null
}

/** The real parts, on a PostgreSQL of the test's own. */
export interface LiveGate {
  readonly postgres: EmbeddedPostgres
  readonly reader: PostgresReader
  /** An empty database; its URL. */
  readonly createDatabase: () => Promise<string>
  /** Every database so far may be emptied and given out again: making one is what costs most here. */
  readonly reuseDatabases: () => void
  /** The objects as a folder of manifests. Ends with the test. */
  readonly openCluster: (objects: readonly KubernetesObject[]) => Promise<ManifestsCluster>
  readonly judge: (objects: readonly KubernetesObject[], write: Write) => Promise<Judgement>
}

export async function startLiveGate(
  t: Test,
  options: EmbeddedPostgresOptions = {},
): Promise<LiveGate> {
  const postgres = await startTestPostgres(t, options)
  const reader = buildPostgresReader({ limits: defaultSettings.database })
  t.teardown(() => reader.close())
  const openCluster = (objects: readonly KubernetesObject[]) => openFolder(t, objects)
  return {
    postgres,
    reader,
    ...databasePool(postgres),
    openCluster,
    judge: async (objects, write) => judge(await openCluster(objects), reader, write),
  }
}

function databasePool(
  postgres: EmbeddedPostgres,
): Pick<LiveGate, 'createDatabase' | 'reuseDatabases'> {
  const all: string[] = []
  let free: string[] = []
  return {
    async createDatabase() {
      const used = free.pop()
      if (used !== undefined) {
        await execute(used, dropEverything, 'CREATE SCHEMA public')
        return used
      }
      const url = await createDatabase(postgres)
      all.push(url)
      return url
    },
    reuseDatabases: () => void (free = [...all]),
  }
}

const dropEverything = `DO $$
  DECLARE name text;
  BEGIN
    FOR name IN SELECT nspname FROM pg_namespace
      WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
  END $$`

async function openFolder(
  t: Test,
  objects: readonly KubernetesObject[],
): Promise<ManifestsCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-admission-test-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const list = { apiVersion: 'v1', kind: 'List', items: objects }
  await writeFile(join(folder, 'objects.json'), JSON.stringify(list))
  const cluster = await openManifests(folder)
  t.teardown(() => cluster.close())
  const [problem] = cluster.problems()
  /* c8 ignore next - only when a test is wrong itself */
  if (problem) throw new Error(`the objects of the test cannot be read: ${problem.message}`)
  return cluster
}

async function judge(
  cluster: ManifestsCluster,
  reader: PostgresReader,
  write: Write,
): Promise<Judgement> {
  const request = buildRequest(write)
  const now = () => new Date()
  const targets = new TargetIndex()
  const reviewer = buildReviewer({
    cluster,
    reader,
    targets,
    rules,
    settings: defaultSettings,
    now,
  })
  const answer = await reviewer.review(request, inTenSeconds())
  const subject = findSubject(request, cluster)
  const side = subject.kind === 'affected' ? subject.affected[0]?.after : undefined
  if (!side) return { answer, facts: null }
  const view = withWrite(buildClusterView(cluster, inTenSeconds()), side.write)
  const tables = new TableReads(reader, inTenSeconds())
  const parts = new PartReads('', passing(inTenSeconds()), ignoreFault)
  const known = new KnownDatabases(reader)
  const patience = buildPatience(auditPatience)
  const turn = async () => {}
  const operator = unknownOperator
  const sources = { view, tables, targets, parts, known, patience, operator, turn, use: tables }
  return { answer, facts: await gatherFacts(side.migration, sources) }
}

function inTenSeconds(): Deadline {
  return { at: Date.now() + 10_000, signal: AbortSignal.timeout(10_000) }
}

export function buildRequest({ before, after, dryRun, subResource }: Write): AdmissionRequest {
  const object = (after ?? before) as KubernetesObject & { apiVersion: string; kind: string }
  const [version = '', group = ''] = object.apiVersion.split('/').toReversed()
  const { name, namespace } = object.metadata
  return {
    uid: 'a-uid',
    kind: { group, version, kind: object.kind },
    operation: before === null ? 'CREATE' : after === null ? 'DELETE' : 'UPDATE',
    ...(subResource !== undefined && { subResource }),
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    object: after,
    oldObject: before,
    dryRun: dryRun ?? false,
  }
}

/** The ids of the rules that led to this result. */
export function rulesOf({ findings }: AdmissionAnswer, result: 'denied' | 'warned'): string[] {
  return findings.filter(found => found.result === result).map(({ rule }) => rule)
}

/** All that a user reads. */
export function textOf({ status, warnings }: AdmissionAnswer): string {
  return [status?.message ?? '', ...warnings].join('\n')
}

export function migration(
  name: string,
  spec: AtlasMigration['spec'],
  namespace = 'shop',
): AtlasMigration {
  const apiVersion = 'db.atlasgo.io/v1alpha1'
  return { apiVersion, kind: 'AtlasMigration', metadata: { namespace, name }, spec }
}

export type TestConfigMap = ConfigMap & { readonly apiVersion: string; readonly kind: string }

export function configMap(name: string, data: Files, namespace = 'shop'): TestConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data }
}

export type TestSecret = Secret & { readonly apiVersion: string; readonly kind: string }

export function secret(
  name: string,
  values: Readonly<Record<string, string | Buffer>>,
  namespace = 'shop',
): TestSecret {
  const data = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  )
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data }
}

/** What the operator stores after a successful reconcile of this directory. */
export async function dirState(
  migrationName: string,
  data: Files,
  namespace = 'shop',
): Promise<TestSecret> {
  const entries = Object.entries(data)
    .toSorted(([a], [b]) => Number(b === 'atlas.sum') - Number(a === 'atlas.sum'))
    .map(([name, body]) => {
      const bytes = Buffer.from(body)
      return { header: { name, size: bytes.length, mode: 0o600, mtime: new Date(0) }, body: bytes }
    })
  const archive = gzipSync(await packTar(entries))
  const name = `io.atlasgo.db.v1.${migrationName}.latest`
  return { ...secret(name, { 'migrations.tar.gz': archive }, namespace), type: 'atlasgo.io/db.v1' }
}

let minutes = 0

/**
 * Runs files as `migrate apply` does: their statements are executed, and each has its row. `versions`: only
 * these; the hashes stay those of the whole directory. The table is made if there is none.
 */
export async function migrate(
  url: string,
  data: Files,
  { versions, schema }: { readonly versions?: readonly string[]; readonly schema?: string } = {},
): Promise<void> {
  const { files } = buildDirectory(data)
  const hashes = new Map(computeSum(files).lines.map(({ name, hash }) => [name, hash]))
  const chosen = files.filter(file => versions?.includes(file.version) ?? true)
  const hasTable = await withClient(url, async client => {
    for (const file of chosen) await client.query(file.content)
    const table = `${schema ?? 'atlas_schema_revisions'}.atlas_schema_revisions`
    const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS found', [table])
    return (rows[0] as { readonly found: boolean }).found
  })
  if (!hasTable) await createRevisionsTable(url, schema)
  const rows = chosen.map(({ name, version, description, content }): TestRevision => {
    const scan = scanStatements(content, 'postgres') as { readonly statements: readonly string[] }
    const count = scan.statements.length
    const executedAt = new Date(Date.UTC(2026, 0, 1, 0, ++minutes)).toISOString()
    const hash = hashes.get(name)!
    return { version, description, applied: count, total: count, hash, executedAt }
  })
  await insertRevisions(url, rows, schema)
}

/** An AtlasMigration as an operator left it, and what its Ready condition said. */
export interface RecordedCase {
  /** Without status, as it is written; `spec.url` is the test's. */
  readonly object: AtlasMigration
  readonly ready: boolean
  readonly reason: string
  readonly message: string
  readonly lastAppliedVersion: string | undefined
}

interface RecordedObject extends AtlasMigration {
  readonly status: {
    readonly lastAppliedVersion?: string
    readonly conditions: readonly {
      readonly type: string
      readonly status: string
      readonly reason: string
      readonly message: string
    }[]
  }
}

const databaseUrl = /postgres:\/\/postgres@127\.0\.0\.1:5432\/gt_(?!dev)[\w-]+\?sslmode=disable/g

export async function readRecordedCase(file: string, url: string): Promise<RecordedCase> {
  const text = await readFile(join('test/fixtures/cases', `${file}.yaml`), 'utf8')
  const { status, ...object } = parse(text.replaceAll(databaseUrl, url)) as RecordedObject
  const condition = status.conditions.find(({ type }) => type === 'Ready')!
  const { reason, message } = condition
  const { lastAppliedVersion } = status
  return { object, ready: condition.status === 'True', reason, message, lastAppliedVersion }
}

/** A gate that serves HTTPS. */
export interface ServedGate {
  readonly gate: Gate
  /** What the gate takes for the cluster from now on. */
  readonly serve: (objects: readonly KubernetesObject[]) => Promise<void>
  /** What was logged since the last time. */
  readonly takeLog: () => string
  readonly send: (call: Call) => Promise<Reply>
}

export interface Call {
  readonly path?: string
  readonly method?: string
  readonly contentType?: string
  readonly body?: string
}

export interface Reply {
  readonly status: number
  readonly body: string
}

/** The whole stack behind a port. */
export async function startServedGate(
  t: Test,
  live: LiveGate,
  settings: Settings = defaultSettings,
): Promise<ServedGate> {
  const log: string[] = []
  const logger = buildLogger({ level: 'trace' }, { write: line => void log.push(line) })
  let cluster: Cluster = await live.openCluster([])
  const reader = buildPostgresReader({
    limits: settings.database,
    onFailure: (failure, code) => logger.warn({ failure, code }, 'a database could not be read'),
  })
  t.teardown(() => reader.close())
  const gate = await startReviewing(
    {
      listen: { host: '127.0.0.1', port: 0 },
      metricsListen: null,
      certificateFiles: null,
      drainDelayMs: 0,
    },
    {
      cluster: currentCluster(() => cluster),
      reader,
      settings,
      log: logger,
    },
  )
  t.teardown(() => gate.stop())
  return {
    gate,
    serve: async objects => void (cluster = await live.openCluster(objects)),
    takeLog: () => log.splice(0).join(''),
    send: call => send(gate, call),
  }
}

function currentCluster(current: () => Cluster): Cluster {
  return {
    readConfigMap: (...args) => current().readConfigMap(...args),
    readSecret: (...args) => current().readSecret(...args),
    configMapNames: (...args) => current().configMapNames(...args),
    /* c8 ignore next - the default policy rewrites nothing */
    consolidatedConfigMaps: (...args) => current().consolidatedConfigMaps(...args),
    migrations: () => current().migrations(),
    migrationsOfConfigMap: (...args) => current().migrationsOfConfigMap(...args),
    /* c8 ignore next - no recorded or malformed review is of a Secret */
    migrationsOfSecret: (...args) => current().migrationsOfSecret(...args),
  }
}

function send({ url, authority }: Gate, call: Call): Promise<Reply> {
  const { path = '/validate?timeout=10s', method = 'POST', body = '' } = call
  const headers = { 'content-type': call.contentType ?? 'application/json' }
  return new Promise((resolve, reject) => {
    const options = { method, headers, ca: authority! }
    const sent = request(`${url}${path}`, options, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode!, body: text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The response of an AdmissionReview v1. */
export interface ReviewResponse {
  readonly uid: string
  readonly allowed: boolean
  readonly patch?: unknown
  readonly warnings?: readonly string[]
  readonly auditAnnotations?: Readonly<Record<string, string>>
  readonly status?: {
    readonly code: number
    readonly reason: string
    readonly message: string
    readonly details?: { readonly causes?: readonly { readonly reason: string }[] }
  }
}

/** Rules that are warned of, in their order: each warning starts with `[rule-id]`. */
export function warnedRules({ warnings = [] }: ReviewResponse): readonly string[] {
  return warnings.map(warning => /^\[([a-z-]+)\]/.exec(warning)?.[1] ?? warning)
}

/** What kube-apiserver and kubectl demand of every answer; see the transcripts of denials. */
export function checkResponse(t: Test, response: ReviewResponse): void {
  for (const warning of response.warnings ?? []) {
    t.notMatch(warning, /[\u0000-\u001f\u007f]/, 'a warning that the API server keeps')
    t.ok(warning.length <= 256, 'a warning that it does not cut')
  }
  if (response.allowed) return
  const message = response.status!.message
  t.ok(message.split('\n')[0]!.length <= 200, 'the first line of a denial is short')
  t.ok(Buffer.byteLength(message) <= 2048, 'a denial of at most 2 KiB')
}
