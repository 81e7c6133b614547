import type { DatabaseAccess } from '../facts/database-access.js'
import type { DatabaseFailure, RefusedParameter } from '../facts/facts.js'

/**
 * What the rule reference says of a rule beyond its title, its why and its severity. Each text is
 * one line of Markdown.
 */
export interface RulePage {
  readonly example: RuleExample
  /** The way out, as imperative sentences in the order in which to do or try them. */
  readonly steps: readonly string[]
  /**
   * Cases in which the rule itself finds less than its default severity. Policy and dry run can
   * lower it further.
   */
  readonly milder: readonly string[]
  /** What the rule does not find, and what may be a false alarm. */
  readonly notes: readonly string[]
}

/**
 * A write that the rule finds. A test applies it and compares the message, so the message is what a
 * user would see. The cluster has the Secrets `shop-database`, with the URL of a PostgreSQL
 * database, and `shop-database-new`.
 */
export interface RuleExample {
  /** What exists, and what is written. */
  readonly situation: string
  /** YAML documents, applied one after the other. The last one is the write that is judged. */
  readonly manifests: string
  /**
   * By ConfigMap, the names of its migration files, in place of its YAML. Their text does not
   * matter, and atlas.sum fits it.
   */
  readonly directories?: Readonly<Record<string, readonly string[]>>
  /** Files of `directories` whose text is another than what ran. */
  readonly edited?: readonly string[]
  /** Files of `directories` that have the text of another file, which may be gone. */
  readonly texts?: Readonly<Record<string, string>>
  /** Names of the files that the operator stored after its last success. */
  readonly dirState?: readonly string[]
  /**
   * The revisions table of the database that the last document's URL names; by default the database
   * is new and empty.
   */
  readonly table?: ExampleTable
  /** The revisions table of the database that the URL named before. */
  readonly formerTable?: ExampleTable
  /** The lines of the denial, as if the write had no other mistake, or of the warning. */
  readonly message: readonly string[]
}

/** A revisions table. */
export interface ExampleTable {
  /**
   * Names of the files that ran, one list for each directory that wrote the table; null when there
   * is no table.
   */
  readonly ran: readonly (readonly string[])[] | null
  /** Why the database is not clean, where there are no rows. */
  readonly notClean?: string
  /** The schemas of the database with the names of their tables, where there are no rows. */
  readonly content?: Readonly<Record<string, readonly string[]>>
  /** The counters of the last row, whose file failed half-way. */
  readonly partial?: { readonly applied: number; readonly total: number }
  /** Other schemas that have such a table. */
  readonly elsewhere?: readonly string[]
  /** Set while a migration is running. */
  readonly locked?: true
  /** Versions in the order of the database, where that is not the order of bytes. */
  readonly order?: readonly string[]
  /** Names of tables that the database has besides. */
  readonly holds?: readonly string[]
  /** What the role may do; by default everything. */
  readonly access?: DatabaseAccess
  /** Why the table could not be read. */
  readonly failure?: {
    readonly kind: DatabaseFailure
    readonly message: string
    readonly refused?: RefusedParameter
  }
}

/** YAML of an AtlasMigration in the namespace `shop`; `spec` is YAML, too. */
export function exampleMigration(spec: string, name = 'shop'): string {
  return `apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata:
  namespace: shop
  name: ${name}
spec:
${spec.trim().replaceAll(/^/gm, '  ')}
`
}

/** YAML of a ConfigMap in the namespace `shop`; `data` is YAML, too. */
export function exampleConfigMap(data: string, name = 'shop-migrations'): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  namespace: shop
  name: ${name}
data:
${data.trim().replaceAll(/^(?=.)/gm, '  ')}
`
}

/** The spec of most examples, with a ConfigMap and the URL in a Secret. */
export const plainSpec = `urlFrom:
  secretKeyRef: {name: shop-database, key: url}
dir:
  configMapRef: {name: shop-migrations}`
