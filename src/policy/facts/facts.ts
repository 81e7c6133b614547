import type { Directory } from '../../atlas/directory/directory.js'
import type { Revision } from '../../atlas/engine/revision.js'
import type { Prediction } from '../../atlas/engine/operator.js'
import type { AtlasMigration } from './atlas-migration.js'
import type { HclDocument } from './hcl.js'

/** Where the migration files come from and what was found there. */
export type DirectoryFacts =
  /** No remote.name, local or configMapRef. */
  | { readonly kind: 'none' }
  /** spec.dir.remote: lives in Atlas Cloud, cannot be read here. */
  | { readonly kind: 'remote' }
  /** local and configMapRef together: the operator stops before it reads either. */
  | { readonly kind: 'conflicting' }
  /** The ConfigMap does not exist (yet). `similar`: names that look like `<name>-<kustomize hash>`. */
  | {
      readonly kind: 'configmap-missing'
      readonly name: string
      readonly similar: readonly string[]
    }
  /** The ConfigMap could not be read at all, for example for lack of rights. */
  | { readonly kind: 'unreadable'; readonly name: string; readonly reason: string }
  | {
      readonly kind: 'read'
      readonly source: 'local' | 'configmap'
      /** Name of the ConfigMap; for local the name of the AtlasMigration. */
      readonly name: string
      /** Every key of `.data` (or `local`) with its text. */
      readonly data: Readonly<Record<string, string>>
      /** Keys of `.binaryData`, which the operator never reads. */
      readonly binaryKeys: readonly string[]
      readonly directory: Directory
    }

/** Another object that the spec refers to and that is not there, or lacks the key. */
export interface MissingReference {
  /** Path of the reference in the spec, such as `spec.urlFrom.secretKeyRef`. */
  readonly path: string
  /** Name of the Secret, or of the ConfigMap where the path ends in `configMapKeyRef`. */
  readonly secret: string
  readonly key: string
  readonly reason: 'secret-not-found' | 'key-not-found' | 'unreadable'
  /** Of `unreadable`: why, in words fit for a message. */
  readonly why?: string
  /** The operator does not watch this reference: a later creation does not wake it. */
  readonly unwatched: boolean
}

export type Dialect = 'postgres' | 'mysql' | 'mariadb' | 'sqlite' | 'other'

/** A database target without its secrets. */
export interface Target {
  readonly dialect: Dialect
  readonly host: string
  readonly port: number
  readonly database: string
  /** Schema of a schema-bound URL (PostgreSQL `search_path`, raw), else null. */
  readonly boundSchema: string | null
  /** The schema in which the operator looks for the revisions table. */
  readonly revisionsSchema: string
  /** True when the URL (or a part of it) came from a Secret. */
  readonly fromSecret: boolean
  /** Equal for equal URLs; a salted hash, reveals nothing. */
  readonly fingerprint: string
}

export type TargetFacts =
  /** No url, urlFrom or credentials.host(From). */
  | { readonly kind: 'none' }
  /** A custom config decides: what it says is not known here. */
  | { readonly kind: 'custom-config' }
  /** A Secret that the URL needs is missing: see `missing` of the facts. */
  | { readonly kind: 'unresolved' }
  | {
      readonly kind: 'invalid'
      /** A sentence without any part of the URL. */
      readonly problem: string
      readonly fromSecret: boolean
    }
  | { readonly kind: 'resolved'; readonly target: Target }

export type DatabaseFailure =
  | 'unreachable'
  | 'refused'
  | 'tls'
  | 'authentication'
  | 'database-missing'
  | 'permission'
  | 'timeout'
  | 'too-many-connections'
  /** A Secret's value beside a host of the spec, which the server wants in a form that it could keep. */
  | 'login-withheld'
  | 'forbidden-address'
  | 'malformed-table'
  | 'unsupported'
  | 'other'

/** Which database this is, however its host is spelled. */
export interface DatabaseIdentity {
  /** PostgreSQL system identifier (or another server-wide identity); empty when the role may not read it. */
  readonly system: string
  /** oid of the database, or its name where there is none. */
  readonly database: string
  /** UUID of the `.atlas_cloud_identifier` row, or null. */
  readonly identifier: string | null
}

/** Whether two targets end in one running server and database. */
export type Sameness =
  /** Proven. */
  | 'same'
  /** They say so of themselves, as copies and liars do: not proven, not refuted. */
  | 'alike'
  | 'different'
  /** One of them could not be asked. */
  | 'unknown'

export type TableFacts =
  /** There is no target that could be read; the target facts say why. */
  | { readonly kind: 'unread' }
  /** `message`: one sentence, no URL, no address, no SQL. */
  | { readonly kind: 'failed'; readonly failure: DatabaseFailure; readonly message: string }
  | {
      readonly kind: 'read'
      readonly identity: DatabaseIdentity
      /** Rows where the operator looks: null = no table. Database order, no identifier row. */
      readonly revisions: readonly Revision[] | null
      /** Reason of the clean check; null when clean, and when there are rows: the engine looks only without. */
      readonly notClean: string | null
      /** Both the bound schema's absence and a default-schema table: "ambiguous revision table" (c.1). */
      readonly ambiguous: boolean
      /** Other schemas with a table of that name and at least one row; looked for only without rows here. */
      readonly elsewhere: readonly string[]
      /** Someone holds `atlas_migrate_execute`. */
      readonly locked: boolean
    }

/** The directory that the operator stored after its last successful reconcile. */
export type DirStateFacts =
  /** Not looked up: nothing asked for it. */
  | { readonly kind: 'unread' }
  | { readonly kind: 'absent' }
  /** Not gzip, not tar, a bomb, or no rights. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'read'; readonly directory: Directory }

/** Another AtlasMigration that uses the same revisions table, which was proven in this review. */
export interface SharingMigration {
  readonly namespace: string
  readonly name: string
  /** Name of its ConfigMap, or null for another kind of directory. */
  readonly configMap: string | null
  /** Its files; null when its directory cannot be read. */
  readonly directory: Directory | null
}

/**
 * Other AtlasMigrations whose database says that it is this one, as a copy and a liar do: nothing was proven, so
 * those of other namespaces are only counted.
 */
export interface AlikeMigrations {
  /** `namespace/name`, of the same namespace. */
  readonly names: readonly string[]
  readonly elsewhere: number
}

/** atlas.hcl of the object: inline, from a Secret, or none. */
export type ConfigFacts =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable' }
  /** Parsed once: many rules look at it, on both sides of a write. */
  | { readonly kind: 'read'; readonly document: HclDocument }

/**
 * Everything that a verdict on one AtlasMigration rests on. Read once, then only reasoned about.
 * Holds no password and no URL.
 */
export interface Facts {
  readonly migration: AtlasMigration
  readonly directory: DirectoryFacts
  readonly missing: readonly MissingReference[]
  readonly target: TargetFacts
  /** The dev database, resolved like a target; `none` when the operator makes one. */
  readonly devTarget: TargetFacts
  readonly config: ConfigFacts
  readonly table: TableFacts
  readonly dirState: DirStateFacts
  readonly sharing: readonly SharingMigration[]
  readonly alike: AlikeMigrations
  /** null when the directory or the table is not known: then nothing is predicted. */
  readonly prediction: Prediction | null
  /**
   * The facts before this write, for the rules whose severity depends on what changed; null on create.
   * Its own `before` is always null.
   */
  readonly before: Facts | null
}
