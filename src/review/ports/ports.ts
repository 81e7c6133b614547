import type {
  AtlasMigration,
  ConfigMap,
  ObjectMetadata,
  Secret,
} from '../../policy/facts/atlas-migration.js'
import type { AskedObject, CatalogObjects } from '../../policy/facts/catalog-objects.js'
import type { DatabaseIdentity, Sameness, TableFacts } from '../../policy/facts/facts.js'

/** When something has to be done. `signal` fires at the time `at`. */
export interface Deadline {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly signal: AbortSignal
  /**
   * Set where nobody waits for the answer, as in an audit. What is known not to answer is then not
   * tried again each time.
   */
  readonly background?: boolean
}

/** The cluster as far as a review needs it: a real API server, or a folder of manifests. */
export interface Cluster {
  /**
   * The ConfigMap, or null when there is none. Rejects with a ClusterError when it cannot be read.
   */
  readConfigMap(namespace: string, name: string, deadline: Deadline): Promise<ConfigMap | null>
  readSecret(namespace: string, name: string, deadline: Deadline): Promise<Secret | null>
  /**
   * Names of the ConfigMaps of a namespace that start with `prefix`. Only for hints, so it may be
   * empty.
   */
  configMapNames(namespace: string, prefix: string, deadline: Deadline): Promise<readonly string[]>
  /**
   * Metadata of the ConfigMaps of a namespace that may consolidate others. An API server can select by label but not
   * by annotation, and a namespace may have thousands of ConfigMaps, so it is asked only for those with the label
   * `atlas-admission.io/consolidated: "true"`; in a folder the annotation is enough. Rejects with a ClusterError.
   */
  consolidatedConfigMaps(namespace: string, deadline: Deadline): Promise<readonly ObjectMetadata[]>
  /** Every AtlasMigration that is known, of all namespaces. */
  migrations(): readonly AtlasMigration[]
  /** The AtlasMigrations whose spec.dir.configMapRef names the ConfigMap, from an index. */
  migrationsOfConfigMap(namespace: string, name: string): readonly AtlasMigration[]
  /** The AtlasMigrations whose target URL needs the Secret, from an index. */
  migrationsOfSecret(namespace: string, name: string): readonly AtlasMigration[]
}

/**
 * A login of which a Secret holds a part, while the spec names the host. Whoever writes a spec,
 * even one that is never stored (a dry run), could otherwise have the Secret's value sent to a
 * server of their own.
 */
export interface BorrowedLogin {
  /**
   * Whether the user's name may be any value of a Secret. Every server is told the user's name
   * before it proves anything.
   */
  readonly userIsSecret: boolean
  /**
   * Whether the host is trusted with the login: it stands in a Secret too, or a stored
   * AtlasMigration of the namespace uses the same Secrets with it.
   */
  hostIsKnown(): boolean
}

/** A database URL with its password. Never logged, printed or compared as text. */
export interface DatabaseUrl {
  /** The secret text. There is no other way to it. */
  reveal(): string
  /**
   * Namespace of the AtlasMigration that names the URL. Each namespace has a share of the
   * connections; without one, the URL counts towards no share.
   */
  readonly namespace?: string
  /** Absent or null when whoever wrote the login wrote the host as well. */
  readonly borrowed?: BorrowedLogin | null
}

/** Which revisions table is to be read for a verdict. */
export interface TableQuery {
  readonly url: DatabaseUrl
  /** The schema in which the operator looks for the revisions table. */
  readonly revisionsSchema: string
  /** `search_path` of a URL that is bound to one schema, or null. */
  readonly boundSchema: string | null
  /** Whether spec.revisionsSchema is set. The place of the table is then never ambiguous. */
  readonly revisionsSchemaIsSet: boolean
}

/** Names to look for in a database, with the session that the operator would have there. */
export interface ObjectsQuery {
  readonly url: DatabaseUrl
  /** Each once, and few: they travel to the server in the query. */
  readonly objects: readonly AskedObject[]
}

export interface RevisionsReader {
  /**
   * Reads the revisions table. Never rejects for a fault of the database, which is a `failed` fact.
   */
  readTable(query: TableQuery, deadline: Deadline): Promise<TableFacts>
  /**
   * What the database says of itself; null when it cannot tell in time. May answer from memory,
   * since a database keeps its identity.
   */
  readIdentity(url: DatabaseUrl, deadline: Deadline): Promise<DatabaseIdentity | null>
  /**
   * Whether two URLs lead to one database, by asking both now. Never rejects for a fault of a
   * database. Absent where no database is connected to; nothing is proven then.
   */
  compareDatabases?(question: DatabaseComparison, deadline: Deadline): Promise<Sameness>
  /**
   * What a database holds of some names; null when it cannot tell in time. Never rejects for a fault
   * of a database. Absent where no database is connected to.
   */
  readObjects?(query: ObjectsQuery, deadline: Deadline): Promise<CatalogObjects | null>
}

/** Two databases that may be one, and the schema in which both have their revisions table. */
export interface DatabaseComparison {
  readonly urls: readonly [DatabaseUrl, DatabaseUrl]
  readonly revisionsSchema: string
}
