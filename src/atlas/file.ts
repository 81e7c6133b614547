/** One migration file of a directory. Everything but `content` derives from name and content. */
export interface MigrationFile {
  readonly name: string
  /** Text before the first `_`, or the whole name without `.sql`. Opaque; may be empty. */
  readonly version: string
  readonly description: string
  /** The bytes as UTF-8 text; hashed as they are (BOM, CRLF and last newline matter). */
  readonly content: string
  /** Has a checkpoint directive that Atlas sees. */
  readonly checkpoint: boolean
  /** Starts with `atlas:sum ignore`: has no line in atlas.sum and can never be applied. */
  readonly sumIgnored: boolean
}
