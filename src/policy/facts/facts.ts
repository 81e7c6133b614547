import type { Directory } from '../../atlas/directory/directory.js'
import type { Revision } from '../../atlas/engine/revision.js'
import type { Prediction } from '../../atlas/engine/operator.js'
import type { AtlasMigration } from './atlas-migration.js'
import type { CatalogObjects } from './catalog-objects.js'
import type { DatabaseAccess } from './database-access.js'
import type { DatabaseContent } from './database-content.js'
import type { HclDocument } from '../text/hcl.js'
import type { Lifetime } from './object-lifetime.js'

/** Where the migration files come from and what was found there. */
export type DirectoryFacts =
  /** The spec has none of remote.name, local and configMapRef. */
  | { readonly kind: 'none' }
  /** spec.dir.remote: the directory is in Atlas Cloud and cannot be read. */
  | { readonly kind: 'remote' }
  /** local and configMapRef together: the operator stops before it reads either. */
  | { readonly kind: 'conflicting' }
  /**
   * The ConfigMap does not exist (yet). `similar` are existing names of the form `<name>-<kustomize
   * hash>`.
   */
  | {
      readonly kind: 'configmap-missing'
      readonly name: string
      readonly similar: readonly string[]
    }
  /** The ConfigMap could not be read at all, for lack of permission for example. */
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
      /** Set where Flux applies the object that holds the files, and may replace variables in it. */
      readonly isSubstituted?: true
      /** Set where Helm renders that object, and may take braces in a file for its own. */
      readonly isFromHelm?: true
      /** What deletes the ConfigMap without anybody asking for it; none for `local`. */
      readonly lifetime?: Lifetime
      readonly directory: Directory
    }

/** An object that the spec refers to and that does not exist, or lacks the key. */
export interface MissingReference {
  /** Path of the reference in the spec, such as `spec.urlFrom.secretKeyRef`. */
  readonly path: string
  /** Name of the Secret; of the ConfigMap where the path ends in `configMapKeyRef`. */
  readonly secret: string
  readonly key: string
  readonly reason: 'secret-not-found' | 'key-not-found' | 'unreadable'
  /** Why it is `unreadable`, in words fit for a message. */
  readonly why?: string
  /**
   * Whether the operator does not watch this reference, so that creating the object later starts no
   * reconcile.
   */
  readonly unwatched: boolean
}

export type Dialect = 'postgres' | 'mysql' | 'mariadb' | 'sqlite' | 'other'

/** The database of an AtlasMigration, without its secrets. */
export interface Target {
  readonly dialect: Dialect
  readonly host: string
  readonly port: number
  readonly database: string
  /** The schema that the URL binds to (PostgreSQL's raw `search_path`), else null. */
  readonly boundSchema: string | null
  /** The schema in which the operator looks for the revisions table. */
  readonly revisionsSchema: string
  /**
   * Names of the parameters that the operator's driver sends to the server at start-up, and of
   * others that the driver does not know; absent for none.
   */
  readonly startup?: readonly string[]
  /** Whether the URL, or a part of it, came from a Secret. */
  readonly fromSecret: boolean
  /** A keyed hash of the URL: equal for equal URLs, and it reveals nothing. */
  readonly fingerprint: string
}

export type TargetFacts =
  /** The spec has none of url, urlFrom and credentials.host(From). */
  | { readonly kind: 'none' }
  /** A custom atlas.hcl decides, which is not evaluated. */
  | { readonly kind: 'custom-config' }
  /** A Secret that the URL needs does not exist: see `missing` of the facts. */
  | { readonly kind: 'unresolved' }
  | {
      readonly kind: 'invalid'
      /** A sentence without any part of the URL. */
      readonly problem: string
      /** Whether the problem is a parameter of the URL. */
      readonly ofParameter?: true
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
  /**
   * The login was not sent: it has a Secret's value, the spec names the host, and the server asks
   * for it in a form that the server could keep.
   */
  | 'login-withheld'
  /** The server refused a parameter of the URL, as it would refuse the operator's. */
  | 'parameter-refused'
  | 'forbidden-address'
  /** The URL names a Unix socket, in a folder that the settings do not allow. */
  | 'socket-elsewhere'
  | 'malformed-table'
  | 'unsupported'
  | 'other'

/** A start-up parameter for which a server refused the login. */
export interface RefusedParameter {
  /** One of the URL's names; null where it is not known which. */
  readonly parameter: string | null
  /**
   * Why: the server knows no such parameter, sets it only by itself, takes no such value, or does
   * not let this role set it; or a pooler before it passes none on.
   */
  readonly reason: 'unknown' | 'fixed' | 'value' | 'right' | 'pooler'
}

/** What a database says of itself, however its host is spelled. */
export interface DatabaseIdentity {
  /**
   * PostgreSQL's system identifier, or another identity of the server; empty when the role may not
   * read it.
   */
  readonly system: string
  /** The oid of the database, or its name where there is none. */
  readonly database: string
  /** The UUID in the row `.atlas_cloud_identifier`, which Atlas Cloud writes, or null. */
  readonly identifier: string | null
}

/** Whether two targets lead to one database on one running server. */
export type Sameness =
  /** Proven by asking both. */
  | 'same'
  /**
   * What they say of themselves is the same. A copy, or a server that lies, says so too, so this is
   * neither proven nor refuted.
   */
  | 'alike'
  | 'different'
  /** One of the two could not be asked. */
  | 'unknown'

export type TableFacts =
  /** There is no target that could be read; the target's facts say why. */
  | { readonly kind: 'unread' }
  /** `message` is one sentence without a URL, an address or SQL. */
  | {
      readonly kind: 'failed'
      readonly failure: DatabaseFailure
      readonly message: string
      /** Set for `parameter-refused`. */
      readonly refused?: RefusedParameter
      /** Set where rights are missing to read the table. */
      readonly access?: DatabaseAccess
    }
  | {
      readonly kind: 'read'
      readonly identity: DatabaseIdentity
      /**
       * The rows of the table that the operator uses, in the order of the database, without Atlas
       * Cloud's identifier row; null when there is no table.
       */
      readonly revisions: readonly Revision[] | null
      /**
       * Why the database is not clean, in the engine's words. null when it is clean, and also when
       * there are rows, because the engine checks only without any.
       */
      readonly notClean: string | null
      /**
       * Whether the operator stops with "ambiguous revision table": the schema that the URL binds
       * to does not exist, and there is a table in the default schema.
       */
      readonly ambiguous: boolean
      /**
       * Other schemas with such a table that has at least one row. Looked for only when there are
       * no rows here.
       */
      readonly elsewhere: readonly string[]
      /** Whether somebody holds the lock `atlas_migrate_execute`, so a migration is running. */
      readonly locked: boolean
      /** What the role may do there. Absent where no server was asked, as for an exported table. */
      readonly access?: DatabaseAccess
      /** What else the database holds. Looked for only while there are no rows. */
      readonly content?: DatabaseContent
    }

/** The directory that the operator stored after its last successful reconcile. */
export type DirStateFacts =
  /** Not read, because nothing needed it. */
  | { readonly kind: 'unread' }
  | { readonly kind: 'absent' }
  /** Neither gzip nor tar, too large when unpacked, or not permitted to be read. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'read'; readonly directory: Directory }

/** Another AtlasMigration that uses the same revisions table, as this review has proven. */
export interface SharingMigration {
  readonly namespace: string
  readonly name: string
  /** Name of its ConfigMap, or null for another kind of directory. */
  readonly configMap: string | null
  /** Its files; null when its directory cannot be read. */
  readonly directory: Directory | null
}

/**
 * Another AtlasMigration in the same database, by the address of its URL, that keeps its revisions in
 * another table.
 */
export interface NeighbouringMigration {
  /** `namespace/name` in the same namespace; null in another one, of which nothing is told. */
  readonly name: string | null
  readonly revisionsSchema: string
}

/**
 * Other AtlasMigrations whose database says that it is this one, which a copy and a server that
 * lies do too. Nothing is proven, so those of other namespaces are only counted.
 */
export interface AlikeMigrations {
  /** `namespace/name` of those in the same namespace. */
  readonly names: readonly string[]
  readonly elsewhere: number
}

/** The custom atlas.hcl of the object: inline, from a Secret, or none. */
export type ConfigFacts =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable' }
  /** Parsed once, because many rules look at it before and after a write. */
  | { readonly kind: 'read'; readonly document: HclDocument }

/** What the policy tells of the operator, which nothing in the cluster shows. null: not told. */
export interface OperatorFacts {
  /** Whether it was installed with `allowCustomConfig`. */
  readonly allowCustomConfig: boolean | null
  readonly version: '0.7' | '0.8' | null
}

/** Nothing is told. */
export const unknownOperator: OperatorFacts = { allowCustomConfig: null, version: null }

/**
 * Everything that a verdict on one AtlasMigration rests on. It is read first; then the rules only
 * reason about it. Holds no password and no URL.
 */
export interface Facts {
  readonly migration: AtlasMigration
  readonly directory: DirectoryFacts
  readonly missing: readonly MissingReference[]
  readonly target: TargetFacts
  /** The dev database, resolved like a target; `none` when the operator makes one. */
  readonly devTarget: TargetFacts
  readonly config: ConfigFacts
  readonly operator: OperatorFacts
  readonly table: TableFacts
  /**
   * What the database holds of the names that the pending files use. Absent where none were asked
   * for: nothing is pending, or no database is there to ask.
   */
  readonly objects?: CatalogObjects
  readonly dirState: DirStateFacts
  readonly sharing: readonly SharingMigration[]
  readonly alike: AlikeMigrations
  /** Looked for only while there are no rows. */
  readonly neighbours?: readonly NeighbouringMigration[]
  /** null when the directory or the table is not known, so that nothing can be predicted. */
  readonly prediction: Prediction | null
  /**
   * The facts before this write, for the rules whose severity depends on what changed; null on
   * create. Its own `before` is always null.
   */
  readonly before: Facts | null
  /**
   * Set where the write names another host, port or database than before, and both were proven to
   * end in one database. Without it they count as two, whatever they say of themselves.
   */
  readonly isMoveRefuted?: boolean
}
