import { ownValue } from '../../atlas/text/own-value.js'
import type { KeyReference, SecretSource } from '../../policy/facts/atlas-migration.js'
import type { MissingReference } from '../../policy/facts/facts.js'
import type { ClusterView } from './cluster-view.js'

/** Where the spec refers to a Secret, and whether the operator watches that Secret. */
export interface SecretField {
  /** Path of the `…From` field, such as `spec.credentials.userFrom`. */
  readonly path: string
  readonly source: SecretSource | undefined
  readonly unwatched: boolean
}

/** The `value` as the operator would read it; undefined when it cannot be known. */
export interface SecretValue {
  readonly value: string | undefined
  readonly missing: MissingReference | null
}

/**
 * Reads one key of a Secret. The operator takes an absent key for an empty text (it reads
 * `Data[key]` of a Go map), and fails on an absent Secret.
 */
export async function readSecretValue(
  view: ClusterView,
  namespace: string,
  field: SecretField,
): Promise<SecretValue> {
  const reference = field.source?.secretKeyRef
  if (!reference) return { value: undefined, missing: null }
  const reading = await view.readSecret(namespace, reference.name ?? '')
  const missing = (
    reason: MissingReference['reason'],
    more: Pick<MissingReference, 'why'> = {},
  ): SecretValue => ({
    value: undefined,
    missing: { ...describe(field, reference, reason), ...more },
  })
  if ('unreadable' in reading) return missing('unreadable', { why: reading.unreadable })
  if (!reading.value) return missing('secret-not-found')
  const encoded = ownValue(reading.value.data ?? {}, reference.key)
  if (encoded === undefined) return missing('key-not-found')
  return { value: Buffer.from(encoded, 'base64').toString('utf8'), missing: null }
}

function describe(
  field: SecretField,
  reference: KeyReference,
  reason: MissingReference['reason'],
): MissingReference {
  return {
    path: `${field.path}.secretKeyRef`,
    secret: reference.name ?? '',
    key: reference.key,
    reason,
    unwatched: field.unwatched,
  }
}
