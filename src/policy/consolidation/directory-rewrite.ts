import type { AtlasMigration } from '../facts/atlas-migration.js'

/**
 * Annotation of a rewritten AtlasMigration: the ConfigMap that it named before, with `local+` in
 * front if it had inline files too.
 */
export const consolidatedFromAnnotation = 'atlas-admission.io/consolidated-from'

/** One operation of a JSON patch (RFC 6902). */
export type PatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/**
 * An AtlasMigration that names the ConfigMap `from`, and the name `to` that it is to have instead.
 */
export interface DirectoryRewrite {
  readonly migration: AtlasMigration
  readonly from: string
  readonly to: string
}

/**
 * The object after the patch. Inline files are removed. None are ever added, because no field
 * manager would own them and they would stay for good.
 */
export function rewritten({ migration, ...names }: DirectoryRewrite): AtlasMigration {
  const { metadata, spec } = migration
  const { local, ...dir } = spec.dir ?? {}
  const annotations = {
    ...metadata.annotations,
    [consolidatedFromAnnotation]: formerDirectory(names.from, local),
  }
  return {
    ...migration,
    metadata: { ...metadata, annotations },
    spec: { ...spec, dir: { ...dir, configMapRef: { ...dir.configMapRef, name: names.to } } },
  }
}

/**
 * The JSON patch that makes {@link rewritten} of the object as it was sent. It fails on an object
 * with another directory.
 */
export function rewritePatch({ migration, from, to }: DirectoryRewrite): readonly PatchOperation[] {
  const { metadata, spec } = migration
  const local = spec.dir?.local
  const name = pointer('spec', 'dir', 'configMapRef', 'name')
  return [
    { op: 'test', path: name, value: from },
    { op: 'replace', path: name, value: to },
    ...(local === undefined
      ? []
      : [{ op: 'remove' as const, path: pointer('spec', 'dir', 'local') }]),
    annotate(metadata.annotations, formerDirectory(from, local)),
  ]
}

/** The value of the annotation. No name of a ConfigMap has a `+`. */
function formerDirectory(configMap: string, local: unknown): string {
  return local === undefined ? configMap : `local+${configMap}`
}

/**
 * The operation that sets the annotation. `add` replaces a member that exists, but cannot create
 * the object around it.
 */
function annotate(annotations: object | undefined, value: string): PatchOperation {
  return annotations === undefined
    ? {
        op: 'add',
        path: pointer('metadata', 'annotations'),
        value: { [consolidatedFromAnnotation]: value },
      }
    : {
        op: 'add',
        path: pointer('metadata', 'annotations', consolidatedFromAnnotation),
        value,
      }
}

/** A JSON pointer (RFC 6901). */
function pointer(...keys: readonly string[]): string {
  return keys.map(key => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
