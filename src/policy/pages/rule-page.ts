import type { DatabaseFailure } from '../facts/facts.js'

/** What the rule reference says of a rule beyond its title, why and severity. Text is Markdown of one line. */
export interface RulePage {
  readonly example: RuleExample
  /** The way out: imperative sentences, in the order in which to try or do them. */
  readonly steps: readonly string[]
  /** Cases of the rule itself in which it says less than its default severity; policy and dry run come on top. */
  readonly milder: readonly string[]
  /** What it does not say, and what may be a false alarm. */
  readonly notes: readonly string[]
}

/**
 * A write that the rule speaks about. A test applies it and compares the message, so it is what a user would see. The
 * cluster has the Secret `shop-database`, which holds the URL of a PostgreSQL database, and `shop-database-new`.
 */
export interface RuleExample {
  /** What is there and what is written. */
  readonly situation: string
  /** YAML documents, applied one after the other; the last is the write that is judged. */
  readonly manifests: string
  /**
   * Names of migration files by the ConfigMap that has them, in place of its YAML: their text is of no matter, and
   * atlas.sum is right.
   */
  readonly directories?: Readonly<Record<string, readonly string[]>>
  /** Files of `directories` whose text is another than what ran. */
  readonly edited?: readonly string[]
  /** The files that the operator stored after its last success. */
  readonly dirState?: readonly string[]
  /** Of the database that the URL of the last document names; by default it is new and empty. */
  readonly table?: ExampleTable
  /** Of the one that it named before. */
  readonly formerTable?: ExampleTable
  /** The lines of the denial, as if the write had no other mistake, or the warning. */
  readonly message: readonly string[]
}

/** A revisions table. */
export interface ExampleTable {
  /** Names of the files that ran, one list for each directory that wrote the table; null: there is no table. */
  readonly ran: readonly (readonly string[])[] | null
  /** Why the database is not clean, where there are no rows. */
  readonly notClean?: string
  /** The last row, where its file failed half-way. */
  readonly partial?: { readonly applied: number; readonly total: number }
  /** Other schemas that have such a table. */
  readonly elsewhere?: readonly string[]
  /** A migration is running. */
  readonly locked?: true
  /** Versions in the order of the database, where that is not the order of bytes. */
  readonly order?: readonly string[]
  /** The table could not be read. */
  readonly failure?: { readonly kind: DatabaseFailure; readonly message: string }
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

/** The spec of most examples: a ConfigMap and the URL of a Secret. */
export const plainSpec = `urlFrom:
  secretKeyRef: {name: shop-database, key: url}
dir:
  configMapRef: {name: shop-migrations}`
