import { isDeepStrictEqual } from 'node:util'
import { ownValue } from '../../atlas/text/own-value.js'
import type { AdmissionRequest } from '../ports/admission.js'

type Fields = Readonly<Record<string, unknown>>

/**
 * The fields that the operator acts on, by kind. A change of anything else (metadata, finalizers,
 * status) is never denied.
 */
const effectiveFields: ReadonlyMap<string, readonly string[]> = new Map([
  ['db.atlasgo.io/AtlasMigration', ['spec']],
  ['/ConfigMap', ['data', 'binaryData']],
  ['/Secret', ['data', 'stringData']],
])

/**
 * Whether the request is admitted whatever a review would find. The request alone tells, so the
 * answer holds before the cluster is known and when a review fails. A review may still warn.
 */
export function isNeverDenied(request: AdmissionRequest): boolean {
  const { operation, subResource, kind } = request
  if (subResource || operation === 'CONNECT' || operation === 'DELETE') return true
  const fields = effectiveFields.get(`${kind.group}/${kind.kind}`)
  if (fields === undefined) return true
  const before = fieldsOf(request.oldObject)
  const after = fieldsOf(request.object)
  if (after === null) return false
  // This does not hold for a ConfigMap or Secret: a finalizer keeps it, and the AtlasMigrations
  // still use its content.
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
