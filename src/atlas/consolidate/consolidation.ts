import type { DatabaseState } from '../engine/database-state.js'
import type { Directory } from '../directory/directory.js'
import type { Reconcile } from '../engine/operator.js'
import type { PlanOptions } from '../engine/plan.js'
import type { StatementDialect } from '../statement/dialect.js'

/** A directory that is to become part of the merged one. */
export interface ConsolidationSource {
  /**
   * What a person calls it: a ConfigMap, a folder. It stands in messages, and is unique among the
   * sources.
   */
  readonly name: string
  readonly directory: Directory
}

/** A database that uses one or more of the sources, or will use the merged directory. */
export interface ConsolidationDatabase {
  /** What a person calls it; no secret, no URL. Unique among the databases. */
  readonly name: string
  readonly state: DatabaseState
  /** The options of the AtlasMigration that remains for this database after the merge. */
  readonly options: PlanOptions
}

export interface ConsolidationInput {
  /** The directories to merge, at least one. */
  readonly sources: readonly ConsolidationSource[]
  /**
   * Every database that must be right afterwards. With none, only the directories are merged and no
   * prediction is made.
   */
  readonly databases: readonly ConsolidationDatabase[]
  readonly dialect: StatementDialect
  /**
   * Whether files that ran on no database get new versions above all known ones, where that solves
   * something.
   */
  readonly renamePending: boolean
  /**
   * What the result is written as. Only a ConfigMap has a limit of size and rules for the names of
   * its keys. Default: `configmap`.
   */
  readonly output?: 'configmap' | 'folder'
}

export type RefusalReason =
  | 'no-source'
  | 'source-given-twice'
  | 'source-empty'
  | 'checksum'
  | 'file-name'
  | 'version-collision'
  | 'late-file'
  | 'partial-row'
  | 'several-checkpoints'
  | 'row-without-file'
  | 'too-large'
  | 'unsafe-prediction'

/**
 * Why the directories cannot become one as they are, and the way out. The texts quote names from
 * outside, so they are to be sanitized where they are shown.
 */
export interface Refusal {
  readonly reason: RefusalReason
  readonly found: string
  readonly remedy: string
  /** Names of the files, versions, sources or databases that the refusal is about. */
  readonly subjects: readonly string[]
  /** The database that it is about; null when it is about the directories alone. */
  readonly database: string | null
}

/** A file of the merged directory. */
export interface MergedFile {
  readonly name: string
  /**
   * The file's name in its source. It differs from `name` only where a file that never ran was
   * given a new version.
   */
  readonly originalName: string
  /** Names of the sources that have it. */
  readonly sources: readonly string[]
  /** Names of the databases that ran it. */
  readonly appliedOn: readonly string[]
}

/** What the operator will do with the merged directory on one database. */
export interface DatabasePlan {
  readonly database: string
  readonly first: Reconcile
  readonly next: Reconcile
  /** Names of the new files, which the first reconcile applies. */
  readonly pending: readonly string[]
}

export type Consolidation =
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] }
  | {
      readonly kind: 'merged'
      /** The merged directory, with the text of its atlas.sum. */
      readonly directory: Directory & { readonly sumText: string }
      /** In the order of the directory. */
      readonly files: readonly MergedFile[]
      /**
       * In the order of the databases. Each plan is safe: `ready`, or `apply` of new files only and
       * then `ready`.
       */
      readonly plans: readonly DatabasePlan[]
      /**
       * What a person should know before using the result, one line each: a size near the limit,
       * for example, or an order in which the files never ran together.
       */
      readonly notes: readonly string[]
      /**
       * Bytes of the values of a ConfigMap with this directory and its atlas.sum, which Kubernetes
       * limits.
       */
      readonly bytes: number
    }
