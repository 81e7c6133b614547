import { unknownOperator } from '../../../src/policy/facts/facts.js'
import type { MigrationFile } from '../../../src/atlas/directory/file.js'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import { computeSum, printSum } from '../../../src/atlas/directory/sum.js'
import type {
  AtlasMigration,
  AtlasMigrationSpec,
} from '../../../src/policy/facts/atlas-migration.js'
import type {
  AlikeMigrations,
  DirectoryFacts,
  DirStateFacts,
  Facts,
  SharingMigration,
  TableFacts,
  Target,
} from '../../../src/policy/facts/facts.js'
import { predictOperator } from '../../../src/policy/facts/operator-prediction.js'

/** Text by file name. */
export type Files = Readonly<Record<string, string>>

/** One SQL statement each, and a different one for each file. */
export function files(...names: readonly string[]): Files {
  return Object.fromEntries(
    names.map(name => [`${name}.sql`, `CREATE TABLE t_${name.replace(/\W/g, '_')} (id int);\n`]),
  )
}

/** A checkpoint as `atlas migrate checkpoint` writes it. */
export function checkpoint(name: string): Files {
  return { [`${name}.sql`]: '-- atlas:checkpoint\n\nCREATE TABLE everything (id int);\n' }
}

/** The data of a ConfigMap with its atlas.sum. */
export function withSum(data: Files): Files {
  return { ...data, 'atlas.sum': printSum(computeSum(buildDirectory(data).files)) }
}

let minutes = 0

/**
 * The rows that a run of this directory leaves (shape of recorded rows): complete, hash from atlas.sum.
 * `versions` limits them; the directory, and so the hashes, stay those of all files.
 */
export function rowsOf(data: Files, versions?: readonly string[]): readonly Revision[] {
  const { files: all } = buildDirectory(data)
  const hashes = new Map(computeSum(all).lines.map(({ name, hash }) => [name, hash]))
  return all
    .filter(file => versions === undefined || versions.includes(file.version))
    .map(file => rowOf(file, hashes.get(file.name)!))
}

function rowOf({ version, description }: MigrationFile, hash: string): Revision {
  minutes++
  return {
    version,
    description,
    type: 2,
    applied: 1,
    total: 1,
    executedAt: new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString(),
    error: '',
    errorStatement: '',
    hash,
    partialHashes: [],
    operatorVersion: 'Atlas CLI v1.2.3',
  }
}

/** Rows of several directories in the order in which a database returns them. */
export function inVersionOrder(...rows: readonly (readonly Revision[])[]): readonly Revision[] {
  return rows.flat().sort((a, b) => Buffer.compare(Buffer.from(a.version), Buffer.from(b.version)))
}

export interface Situation {
  readonly files?: Files
  /** Instead of files. */
  readonly directory?: DirectoryFacts
  /** atlas.sum is right unless this is true. */
  readonly wrongSum?: boolean
  /** null: no table. */
  readonly rows?: readonly Revision[] | null
  /** Reason of the clean check; a database with rows has tables. */
  readonly notClean?: string | null
  readonly spec?: AtlasMigrationSpec
  readonly config?: Facts['config']
  readonly status?: NonNullable<AtlasMigration['status']>
  readonly target?: Partial<Target>
  /** A Secret that the URL needs is missing. */
  readonly unresolved?: boolean
  /** Whole, or parts of a table that was read. */
  readonly table?: Partial<Extract<TableFacts, { kind: 'read' }>> | TableFacts
  readonly dirState?: DirStateFacts | Files
  readonly sharing?: readonly SharingMigration[]
  readonly alike?: AlikeMigrations
  readonly neighbours?: NonNullable<Facts['neighbours']>
  readonly before?: Situation
  /** The database is proven to be that of `before`. */
  readonly isMoveRefuted?: true
}

export const schemaName = 'atlas_schema_revisions'

/** Facts as a review gathers them, with what the real prediction makes of them. */
export function buildFacts(situation: Situation): Facts {
  const table = tableOf(situation)
  const directory = situation.directory ?? directoryOf(situation)
  const migration = migrationOf(situation)
  return {
    migration,
    directory,
    missing: [],
    target: situation.unresolved
      ? { kind: 'unresolved' }
      : { kind: 'resolved', target: targetOf(situation) },
    devTarget: { kind: 'none' },
    operator: unknownOperator,
    config: situation.config ?? { kind: 'none' },
    table,
    dirState: dirStateOf(situation.dirState),
    sharing: situation.sharing ?? [],
    alike: situation.alike ?? { names: [], elsewhere: 0 },
    neighbours: situation.neighbours ?? [],
    prediction: predictOperator({ spec: migration.spec, directory, table }),
    before: situation.before ? buildFacts(situation.before) : null,
    ...(situation.isMoveRefuted && { isMoveRefuted: true }),
  }
}

function migrationOf({ spec, status }: Situation): AtlasMigration {
  return {
    metadata: { name: 'schema', namespace: 'app' },
    spec: { dir: { configMapRef: { name: 'migrations' } }, ...(spec ?? { execOrder: 'linear' }) },
    ...(status && { status }),
  }
}

function directoryOf({ files: data = {}, wrongSum }: Situation): DirectoryFacts {
  const all = wrongSum ? { ...data, 'atlas.sum': 'h1:wrong\n' } : withSum(data)
  return {
    kind: 'read',
    source: 'configmap',
    name: 'migrations',
    data: all,
    binaryKeys: [],
    directory: buildDirectory(all),
  }
}

function targetOf({ target, spec }: Situation): Target {
  return {
    dialect: 'postgres',
    host: 'db',
    port: 5432,
    database: 'app',
    boundSchema: null,
    revisionsSchema: spec?.revisionsSchema ?? schemaName,
    fromSecret: true,
    fingerprint: 'f1',
    ...target,
  }
}

function tableOf({ rows = null, notClean, table }: Situation): TableFacts {
  if (table?.kind === 'failed' || table?.kind === 'unread') return table
  return {
    kind: 'read',
    identity: { system: '7123', database: '16384', identifier: null },
    revisions: rows,
    notClean: notClean ?? (rows && rows.length > 0 ? 'found schema "public"' : null),
    ambiguous: false,
    elsewhere: [],
    locked: false,
    ...table,
  }
}

function dirStateOf(dirState: Situation['dirState']): DirStateFacts {
  if (dirState === undefined) return { kind: 'absent' }
  if (isDirState(dirState)) return dirState
  return { kind: 'read', directory: buildDirectory(withSum(dirState)) }
}

function isDirState(dirState: DirStateFacts | Files): dirState is DirStateFacts {
  return 'kind' in dirState
}

/** As the review does it: an ambiguous table stops the operator before it plans. */
/** Another AtlasMigration on the same table. */
export function sharing(name: string, data: Files | null): SharingMigration {
  return {
    namespace: 'app',
    name,
    configMap: name,
    directory: data && buildDirectory(withSum(data)),
  }
}
