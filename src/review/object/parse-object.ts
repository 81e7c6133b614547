import type { AtlasMigration, ConfigMap, Secret } from '../../policy/facts/atlas-migration.js'
import { formatFieldPath, type FieldPath } from '../../policy/text/field-path.js'
import { atlasMigrationShape, configMapShape, secretShape } from './object-shape.js'
import { fitShape, type Shape } from './shape.js'

/** Why an object cannot be read: fields of the wrong type. Names fields and types, never a value. */
export interface ObjectProblems {
  /** One line each, such as `spec.baseline: expected string, found integer (put it in quotes)`. */
  readonly problems: readonly string[]
  /** The path of each problem's field, for callers that know its line. */
  readonly paths: readonly FieldPath[]
}

/**
 * Reads an untrusted value as an AtlasMigration. Unknown fields are kept, nulls are dropped as the
 * API server drops them, and a missing `spec` or `metadata` becomes an empty one, whose
 * consequences are for the rules to find.
 */
export function parseAtlasMigration(
  value: unknown,
): { readonly migration: AtlasMigration } | ObjectProblems {
  const parsed = parseShape(value, atlasMigrationShape)
  if ('problems' in parsed) return parsed
  return { migration: { metadata: {}, spec: {}, ...parsed.object } }
}

/** Reads an untrusted value as a ConfigMap; see {@link parseAtlasMigration}. */
export function parseConfigMap(value: unknown): { readonly configMap: ConfigMap } | ObjectProblems {
  const parsed = parseShape(value, configMapShape)
  return 'problems' in parsed ? parsed : { configMap: { metadata: {}, ...parsed.object } }
}

/**
 * Reads an untrusted value as a Secret, whose values stay encoded; see {@link parseAtlasMigration}.
 */
export function parseSecret(value: unknown): { readonly secret: Secret } | ObjectProblems {
  const parsed = parseShape(value, secretShape)
  return 'problems' in parsed ? parsed : { secret: { metadata: {}, ...parsed.object } }
}

function parseShape(value: unknown, shape: Shape): { readonly object: object } | ObjectProblems {
  const { value: fitted, mistakes } = fitShape(value, shape)
  if (mistakes.length === 0) return { object: fitted as object }
  return {
    problems: mistakes.map(
      ({ path, expected, found }) =>
        `${formatFieldPath(path) || 'the object'}: expected ${expected}, found ${found}${hint(path, found)}`,
    ),
    paths: mistakes.map(({ path }) => path),
  }
}

/** What to write instead, where a mistake is a common one. */
function hint(path: FieldPath, found: string): string {
  return formatFieldPath(path) === 'spec.vars' && found === 'object'
    ? ' (write a list of key and value: "- {key: NAME, value: TEXT}")'
    : ''
}
