import type { AtlasMigration, ConfigMap, Secret } from '../../src/policy/facts/atlas-migration.js'
import type { TableFacts } from '../../src/policy/facts/facts.js'
import { claimsToBeSame } from '../../src/policy/facts/same-database.js'
import type { AdmissionRequest } from '../../src/review/ports/admission.js'
import { buildDirectory } from '../../src/atlas/directory/directory.js'
import { computeSum, printSum } from '../../src/atlas/directory/sum.js'
import type { Revision } from '../../src/atlas/engine/revision.js'
import type {
  Cluster,
  Deadline,
  RevisionsReader,
  TableQuery,
} from '../../src/review/ports/ports.js'

export const namespace = 'shop'

/** A deadline that never comes. */
export function unhurriedDeadline(): Deadline {
  return { at: Infinity, signal: new AbortController().signal }
}

export interface ClusterObjects {
  readonly configMaps?: Readonly<Record<string, ConfigMap | Error>>
  readonly secrets?: Readonly<Record<string, Secret | Error>>
  readonly migrations?: readonly AtlasMigration[]
  /** What listing the consolidated ConfigMaps rejects with. */
  readonly consolidated?: Error
}

/** A cluster of one namespace; an Error in place of an object is what reading it rejects with. */
export function fakeCluster(objects: ClusterObjects = {}): Cluster & { readonly reads: string[] } {
  const { configMaps = {}, secrets = {}, migrations = [], consolidated } = objects
  const reads: string[] = []
  const read = async <T>(kind: string, found: T | Error | undefined, name: string) => {
    reads.push(`${kind} ${name}`)
    if (found instanceof Error) throw found
    return found ?? null
  }
  const using = (pick: (migration: AtlasMigration) => string | undefined, name: string) =>
    migrations.filter(migration => pick(migration) === name)
  return {
    reads,
    readConfigMap: (_namespace, name) => read('ConfigMap', configMaps[name], name),
    readSecret: (_namespace, name) => read('Secret', secrets[name], name),
    configMapNames: async (_namespace, prefix) =>
      Object.keys(configMaps).filter(name => name.startsWith(prefix)),
    consolidatedConfigMaps: async wanted => {
      reads.push(`consolidated ${wanted}`)
      if (consolidated) throw consolidated
      return Object.values(configMaps).flatMap(found =>
        found instanceof Error || !found.metadata.annotations ? [] : [found.metadata],
      )
    },
    migrations: () => migrations,
    migrationsOfConfigMap: (_namespace, name) =>
      using(migration => migration.spec.dir?.configMapRef?.name, name),
    migrationsOfSecret: (_namespace, name) =>
      using(migration => migration.spec.urlFrom?.secretKeyRef?.name, name),
  }
}

export const readTable: Extract<TableFacts, { kind: 'read' }> = {
  kind: 'read',
  identity: { system: '7000', database: '16384', identifier: null },
  revisions: [],
  notClean: null,
  ambiguous: false,
  elsewhere: [],
  locked: false,
}

/** Answers by the database's name in the URL. */
export function fakeReader(
  tables: Readonly<Record<string, TableFacts | Promise<TableFacts>>>,
): RevisionsReader & { readonly queries: TableQuery[] } {
  const queries: TableQuery[] = []
  const nameOf = (url: string) => new URL(url).pathname.slice(1)
  return {
    queries,
    async readTable(query) {
      queries.push(query)
      return tables[nameOf(query.url.reveal())] ?? { kind: 'unread' }
    },
    async compareDatabases({ urls }) {
      const [a, b] = await Promise.all(urls.map(async url => tables[nameOf(url.reveal())]))
      if (a?.kind !== 'read' || b?.kind !== 'read') return 'unknown'
      return claimsToBeSame(a.identity, b.identity) ? 'same' : 'different'
    },
    async readIdentity(url) {
      return ((await tables[nameOf(url.reveal())]) as typeof readTable).identity
    },
  }
}

export function withSum(files: Readonly<Record<string, string>>): Record<string, string> {
  return { ...files, 'atlas.sum': printSum(computeSum(buildDirectory(files).files)) }
}

/** Files of one statement each. */
export function filesOf(...versions: readonly string[]): Record<string, string> {
  return withSum(
    Object.fromEntries(versions.map(version => [`${version}_x.sql`, `SELECT ${version};\n`])),
  )
}

/** Rows as the engine writes them when it runs the whole directory. */
export function rowsOf(data: Readonly<Record<string, string>>): readonly Revision[] {
  const { files } = buildDirectory(data)
  const { lines } = computeSum(files)
  return files.map((file, index) => ({
    version: file.version,
    description: file.description,
    type: 2,
    applied: 1,
    total: 1,
    executedAt: `2026-01-01T00:00:${String(index).padStart(2, '0')}Z`,
    error: '',
    errorStatement: '',
    hash: lines.find(line => line.name === file.name)!.hash,
    partialHashes: [],
    operatorVersion: 'Atlas CLI v1.2.3',
  }))
}

export function configMap(name: string, data: Readonly<Record<string, string>>): ConfigMap {
  return { metadata: { name, namespace }, data }
}

export function secret(name: string, values: Readonly<Record<string, string>>): Secret {
  const data = Object.entries(values).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64'),
  ])
  return { metadata: { name, namespace }, data: Object.fromEntries(data) as Record<string, string> }
}

export function migration(name: string, spec: AtlasMigration['spec']): AtlasMigration {
  return {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name, namespace },
    spec: { execOrder: 'linear', ...spec },
  }
}

export const urlOf = (database: string, host = 'db') =>
  `postgres://user:hunter2@${host}:5432/${database}`

const kinds = {
  AtlasMigration: { group: 'db.atlasgo.io', version: 'v1alpha1', kind: 'AtlasMigration' },
  ConfigMap: { group: '', version: 'v1', kind: 'ConfigMap' },
  Secret: { group: '', version: 'v1', kind: 'Secret' },
} as const

export interface RequestParts {
  readonly kind?: keyof typeof kinds
  readonly object?: unknown
  readonly oldObject?: unknown
  readonly dryRun?: boolean
  readonly uid?: string
}

/** CREATE, UPDATE or DELETE, as the objects say. */
export function request(parts: RequestParts): AdmissionRequest {
  const {
    kind = 'AtlasMigration',
    object = null,
    oldObject = null,
    dryRun = false,
    uid = 'a-uid',
  } = parts
  const operation = object === null ? 'DELETE' : oldObject === null ? 'CREATE' : 'UPDATE'
  return {
    uid,
    kind: kinds[kind],
    operation,
    namespace,
    object,
    oldObject,
    dryRun,
  }
}
