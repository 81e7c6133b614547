import type { ManifestProblem } from './manifest-problem.js'
import type { FileObject } from './unique-objects.js'

/** What an API server takes as the values of a ConfigMap, in bytes (k8s.io/api, `MaxSecretSize`: 1 MiB). */
const maxConfigMapBytes = 1024 * 1024

/** A ConfigMap that no API server stores, as a problem; empty for all else. */
export function oversize({ file, entry }: FileObject): readonly ManifestProblem[] {
  if (entry.kind !== 'ConfigMap') return []
  const { data = {}, binaryData = {}, metadata } = entry.object
  const texts = Object.values(data).map(value => Buffer.byteLength(value))
  const binaries = Object.values(binaryData).map(value => Buffer.byteLength(value, 'base64'))
  const bytes = [...texts, ...binaries].reduce((sum, size) => sum + size, 0)
  if (bytes <= maxConfigMapBytes) return []
  const message =
    `ConfigMap ${metadata.namespace}/${metadata.name} has ${bytes} bytes, ${bytes - maxConfigMapBytes} more than an ` +
    'API server takes (1 MiB): use spec.dir.remote, or a second AtlasMigration with its own spec.revisionsSchema and spec.baseline'
  return [{ file, line: entry.line, column: entry.column, message }]
}
