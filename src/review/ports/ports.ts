import type {
  AtlasMigration,
  ConfigMap,
  ObjectMetadata,
  Secret,
} from '../../policy/facts/atlas-migration.js'
import type { DatabaseIdentity, Sameness, TableFacts } from '../../policy/facts/facts.js'

/** How long something may take. `signal` fires at `at`. */
export interface Deadline {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly signal: AbortSignal
  /** Nobody waits for the answer, as in an audit: what is known not to answer is not tried again each time. */
  readonly background?: boolean
}

/** The cluster as far as a review needs it: a real API server, or a folder of manifests. */
export interface Cluster {
  /** null when there is none. Rejects with a ClusterError when it cannot be read. */
  readConfigMap(namespace: string, name: string, deadline: Deadline): Promise<ConfigMap | null>
  readSecret(namespace: string, name: string, deadline: Deadline): Promise<Secret | null>
  /** Names of the ConfigMaps of a namespace that start with `prefix`; only for hints, may be empty. */
  configMapNames(namespace: string, prefix: string, deadline: Deadline): Promise<readonly string[]>
  /**
   * Metadata of the ConfigMaps of a namespace that may consolidate others. An API server can select by label but not
   * by annotation, and a namespace may have thousands of ConfigMaps, so it is asked only for those with the label
   * `atlas-admission.io/consolidated: "true"`; in a folder the annotation is enough. Rejects with a ClusterError.
   */
  consolidatedConfigMaps(namespace: string, deadline: Deadline): Promise<readonly ObjectMetadata[]>
  /** Every AtlasMigration that is known, of all namespaces. */
  migrations(): readonly AtlasMigration[]
  /** By index: those whose spec.dir.configMapRef names it. */
  migrationsOfConfigMap(namespace: string, name: string): readonly AtlasMigration[]
  /** By index: those whose target URL needs the Secret. */
  migrationsOfSecret(namespace: string, name: string): readonly AtlasMigration[]
}

/**
 * A login of which a Secret holds a part, and the spec says where it goes: whoever writes a spec, even one that is
 * never stored (a dry run), could send the Secret's value to a server of their own.
 */
export interface BorrowedLogin {
  /** The user's name, which every server is told at once, may be any value of a Secret. */
  readonly userIsSecret: boolean
  /** The host stands in a Secret, or a stored AtlasMigration of the namespace uses the same Secret with it. */
  hostIsKnown(): boolean
}

/** A database URL with its password. Never logged, printed or compared as text. */
export interface DatabaseUrl {
  /** Reads the secret text: the only way out. */
  reveal(): string
  /** Of the AtlasMigration that names it, whose share of the connections is used; absent: of nobody's. */
  readonly namespace?: string
  /** Absent or null: whoever wrote the login wrote the host as well. */
  readonly borrowed?: BorrowedLogin | null
}

/** What is asked of a database for one verdict. */
export interface TableQuery {
  readonly url: DatabaseUrl
  /** Schema where the operator looks for the revisions table. */
  readonly revisionsSchema: string
  /** `search_path` of a schema-bound URL, or null. */
  readonly boundSchema: string | null
  /** spec.revisionsSchema was set: then a bound schema is never ambiguous. */
  readonly revisionsSchemaIsSet: boolean
}

export interface RevisionsReader {
  /** Never rejects for a database's fault: that is a `failed` fact. */
  readTable(query: TableQuery, deadline: Deadline): Promise<TableFacts>
  /** May answer from memory, since a database keeps its identity; null when it cannot be told in time. */
  readIdentity(url: DatabaseUrl, deadline: Deadline): Promise<DatabaseIdentity | null>
  /** Asks both anew. Never rejects for a database's fault. Absent where nobody is connected to: nothing is proven then. */
  compareDatabases?(question: DatabaseComparison, deadline: Deadline): Promise<Sameness>
}

/** Two databases that may be one, and where both have their revisions table. */
export interface DatabaseComparison {
  readonly urls: readonly [DatabaseUrl, DatabaseUrl]
  readonly revisionsSchema: string
}
