import { listNames } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'
import { formatFieldPath, type FieldPath } from '../text/field-path.js'
import type { Finding, Rule } from '../facts/finding.js'
import { specFields, type SpecFields } from '../facts/spec-fields.js'
import { nearestName } from '../text/nearest-name.js'

export const fieldUnknown: Rule = {
  id: 'field-unknown',
  title: 'The spec in a file has a field that the definition of AtlasMigration does not have.',
  why: 'The API server drops such a field without a word, so the operator never sees what it says. Only a check of files can find it.',
  severity: 'warn',
  since: '0.2.0',
  evidence: 'spec',
  order: 1085,
  evaluate,
}

/** A field that is dropped, with the fields that there are in its place. */
interface UnknownField {
  readonly path: FieldPath
  readonly siblings: readonly string[]
}

/** Enough to correct a file by. A hostile object has as many fields as it likes. */
const maxFields = 10

/** What people write often in public repositories, and what says it instead. */
const written: ReadonlyMap<string, string> = new Map([
  ['spec.schema', 'name the schema in the URL (search_path)'],
  ['spec.credentials.hostFrom.configMapKeyRef', 'write the host into spec.credentials.host'],
  ['spec.credentials.userFrom.configMapKeyRef', 'write the user into spec.credentials.user'],
  ['spec.credentials.portFrom', 'write the port into spec.credentials.port'],
  ['spec.credentials.databaseFrom', 'write the name into spec.credentials.database'],
  ['spec.urlFrom.configMapKeyRef', 'put the URL into a Secret, or into spec.url'],
  ['spec.policy.drift.enabled', 'remove spec.policy.drift: an empty one counts as well'],
  ['spec.dir.configMapRef.namespace', 'put the ConfigMap into the same namespace'],
  ['spec.dir.path', 'put the files into a ConfigMap: spec.dir.configMapRef'],
])

function evaluate({ migration }: Facts): Finding | null {
  // What came from an API server has lost such fields, or its definition is a newer one.
  if (migration.metadata.uid !== undefined) return null
  const unknown = [...unknownFields(migration.spec, specFields, ['spec'])]
  const [first] = unknown
  if (first === undefined) return null
  const names = unknown.map(({ path }) => formatFieldPath(path))
  return {
    found: `${listNames(names)}: AtlasMigration has no such field, so the API server drops it`,
    expected: 'fields of the custom resource definition (operator 0.7 and 0.8)',
    remedy: wayOut(first),
    field: names[0]!,
    subjects: names,
  }
}

function wayOut({ path, siblings }: UnknownField): string {
  const known = written.get(formatFieldPath(path))
  if (known !== undefined) return known
  const near = nearestName(String(path.at(-1)), siblings)
  return near === null ? 'remove it' : `write ${near}`
}

/** Depth first, and not more than {@link maxFields}. */
function* unknownFields(
  value: unknown,
  known: SpecFields,
  path: FieldPath,
): Generator<UnknownField> {
  let left = maxFields
  for (const [key, child] of entriesOf(value)) {
    const below = typeof key === 'number' ? known : known.get(key)
    if (below === null) continue
    const found =
      below === undefined
        ? [{ path: [...path, key], siblings: [...known.keys()] }]
        : unknownFields(child, below, [...path, key])
    for (const field of found) {
      if (left-- === 0) return
      yield field
    }
  }
}

function entriesOf(value: unknown): Iterable<readonly [string | number, unknown]> {
  if (Array.isArray(value)) return (value as unknown[]).entries()
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
