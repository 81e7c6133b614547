import { isDeepStrictEqual } from 'node:util'
import { ownValue } from '../../atlas/text/own-value.js'
import type { AdmissionRequest } from '../ports/admission.js'

type Fields = Readonly<Record<string, unknown>>

/** What the operator acts on, by kind. A change of anything else (metadata, finalizers, status) is never denied. */
const effectiveFields: ReadonlyMap<string, readonly string[]> = new Map([
  ['db.atlasgo.io/AtlasMigration', ['spec']],
  ['/ConfigMap', ['data', 'binaryData']],
  ['/Secret', ['data', 'stringData']],
])

/**
 * Whether the request is one that is admitted whatever a review would find. It is told from the request alone, so it
 * holds before the cluster is known, and when a review fails. A review may still have something to say.
 */
export function isNeverDenied(request: AdmissionRequest): boolean {
  const { operation, subResource, kind } = request
  if (subResource || operation === 'CONNECT' || operation === 'DELETE') return true
  const fields = effectiveFields.get(`${kind.group}/${kind.kind}`)
  if (fields === undefined) return true
  const before = fieldsOf(request.oldObject)
  const after = fieldsOf(request.object)
  if (after === null) return false
  // Not a ConfigMap or a Secret: with a finalizer it stays, and its content is still read by an AtlasMigration.
  if (kind.kind === 'AtlasMigration' && isBeingDeleted(after)) return true
  return (
    before !== null &&
    fields.every(field => isDeepStrictEqual(ownValue(before, field), ownValue(after, field)))
  )
}

function isBeingDeleted(object: Fields): boolean {
  return Boolean(fieldsOf(object['metadata'])?.['deletionTimestamp'])
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null ? (value as Fields) : null
}
