import type { ManifestProblem } from './manifest-problem.js'
import type { ManifestObject } from './parse-manifest.js'

/** An object and the file that holds it. */
export interface FileObject<T extends ManifestObject = ManifestObject> {
  readonly file: string
  readonly entry: T
}

/** `namespace/name`. */
export function objectKey({ object: { metadata } }: ManifestObject): string {
  return `${metadata.namespace}/${metadata.name}`
}

/** Keeps the first of two objects of one kind and name, and makes the other one a problem. */
export function uniqueObjects<T extends ManifestObject>(
  all: readonly FileObject<T>[],
): {
  readonly objects: readonly FileObject<T>[]
  readonly duplicates: readonly ManifestProblem[]
} {
  const first = new Map<string, FileObject<T>>()
  const duplicates: ManifestProblem[] = []
  for (const { file, entry } of all) {
    const id = `${entry.kind} ${objectKey(entry)}`
    const earlier = first.get(id)
    if (earlier === undefined) first.set(id, { file, entry })
    else duplicates.push(duplicateProblem(id, { file, entry }, earlier))
  }
  return { objects: [...first.values()], duplicates }
}

function duplicateProblem(id: string, later: FileObject, earlier: FileObject): ManifestProblem {
  const { line, column } = earlier.entry
  return {
    file: later.file,
    line: later.entry.line,
    column: later.entry.column,
    message: `${id} is also in ${earlier.file}:${line}:${column}; that one counts, this one is ignored: rename or remove one of them`,
  }
}
