/** Something in a manifest that cannot be used. Its text names fields and types, never a value. */
export interface ManifestProblem {
  /** Path of the file, starting with the folder's path as it was given. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  readonly column: number
  readonly message: string
}

/** `file:line:column: message`, which editors and terminals turn into a link. */
export function formatManifestProblem({ file, line, column, message }: ManifestProblem): string {
  return `${file}:${line}:${column}: ${message}`
}
