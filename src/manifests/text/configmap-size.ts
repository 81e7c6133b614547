import { dataBytes, maxDataBytes } from '../../atlas/directory/configmap-data.js'
import type { ManifestProblem } from './manifest-problem.js'
import type { FileObject } from './unique-objects.js'

/** The problem of a ConfigMap that is too large for any API server; empty for all other objects. */
export function oversize({ file, entry }: FileObject): readonly ManifestProblem[] {
  if (entry.kind !== 'ConfigMap') return []
  const { data = {}, binaryData = {}, metadata } = entry.object
  const binaries = Object.values(binaryData).map(value => Buffer.byteLength(value, 'base64'))
  const bytes = binaries.reduce((sum, size) => sum + size, dataBytes(data))
  if (bytes <= maxDataBytes) return []
  const message =
    `ConfigMap ${metadata.namespace}/${metadata.name} has ${bytes} bytes, ${bytes - maxDataBytes} more than an ` +
    'API server takes (1 MiB): use spec.dir.remote, or a second AtlasMigration with its own spec.revisionsSchema and spec.baseline'
  return [{ file, line: entry.line, column: entry.column, message }]
}
