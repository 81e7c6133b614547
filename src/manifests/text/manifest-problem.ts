/** Something in a manifest that cannot be used. Its text names fields and types, never a value. */
export interface ManifestProblem {
  /** Path of the file as the folder was given. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  readonly column: number
  readonly message: string
}

/** `file:line:column: message`, as editors and terminals link it. */
export function formatManifestProblem({ file, line, column, message }: ManifestProblem): string {
  return `${file}:${line}:${column}: ${message}`
}
