/**
 * What is asked of a database about one name. `relation` is a name for a new table, view or
 * sequence, and `existing` one that is there, looked for along the search path. `setting` is a
 * parameter of the server, in lower case.
 */
export interface AskedObject {
  readonly kind:
    | 'relation'
    | 'type'
    | 'index'
    | 'column'
    | 'constraint'
    | 'schema'
    | 'extension'
    | 'role'
    | 'existing'
    | 'setting'
  /** null when the statement names none; then the search path of the session decides. */
  readonly schema: string | null
  /** The table of an index, a column or a constraint; null for all others. */
  readonly table: string | null
  readonly name: string
}

/** What the database says to it, for the role of the URL. */
export interface FoundObject {
  /** Whether an object is there; for a new name, whether one is in its way. */
  readonly exists: boolean
  /** Where it is, or would be made; null where no schema is known. */
  readonly schema: string | null
  /** What to give to another owner: the relation itself, or the table of an index. */
  readonly table: string | null
  /** Owner of the relation; null for what is no relation. */
  readonly owner: string | null
  /** Whether the role is that owner, or has its rights. */
  readonly owned: boolean
  /** Whether it may drop it: also the owner of the schema may. */
  readonly mayDrop: boolean
  /** Whether it may make an object of the name there. */
  readonly mayCreate: boolean
}

/** The answers, by {@link objectKey}. */
export type CatalogObjects = ReadonlyMap<string, FoundObject>

export function objectKey({ kind, schema, table, name }: AskedObject): string {
  return JSON.stringify([kind, schema, table, name])
}
