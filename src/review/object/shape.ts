import { ownValue } from '../../atlas/text/own-value.js'
import type { FieldPath } from '../../policy/text/field-path.js'

/**
 * The JSON shape of an object, in the few OpenAPI keywords that the fields read here need. It is
 * written by hand instead of using a general validator for two reasons: nulls are pruned along the
 * way as an API server does, and the number of mistakes stays bounded however large the untrusted
 * object is.
 */
export type Shape =
  | { readonly type: 'string'; readonly enum?: readonly string[] }
  | { readonly type: 'boolean' | 'integer' }
  | { readonly type: 'array'; readonly items: Shape }
  | ObjectShape

export interface ObjectShape {
  readonly type: 'object'
  /** Keys that are not listed are kept unchecked, because newer versions may add fields. */
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  /** The shape of every value of a map. */
  readonly additionalProperties?: Shape
  /**
   * For maps of core/v1, of which Go decodes a null value to the empty string instead of dropping
   * the key.
   */
  readonly nullIsEmpty?: true
}

/** One field of the wrong type. Never holds the value, which may be a password. */
export interface ShapeMistake {
  readonly path: FieldPath
  readonly expected: string
  readonly found: string
}

/**
 * Enough mistakes to correct an object by. An attacker's million wrong fields must not become a
 * million mistakes.
 */
const maxMistakes = 20

/**
 * The value, with nulls pruned where the shape describes it. Whatever has the wrong type is listed
 * in `mistakes`.
 */
export function fitShape(
  value: unknown,
  shape: Shape,
): { readonly value: unknown; readonly mistakes: readonly ShapeMistake[] } {
  const mistakes: ShapeMistake[] = []
  return { value: fit({ value, shape, path: [] }, mistakes), mistakes }
}

interface Place {
  readonly value: unknown
  readonly shape: Shape
  readonly path: FieldPath
}

function fit(place: Place, mistakes: ShapeMistake[]): unknown {
  const { value, shape } = place
  if (mistakes.length >= maxMistakes) return value
  if (jsonType(value) !== shape.type) return mistaken(place, shape.type, mistakes)
  if (shape.type === 'object') return fitObject(value as JsonObject, { shape, place }, mistakes)
  if (shape.type === 'array') return fitArray(value as unknown[], { shape, place }, mistakes)
  if (shape.type === 'string' && shape.enum !== undefined && !shape.enum.includes(value as string))
    return mistaken(place, `one of ${shape.enum.join(', ')}`, mistakes)
  return value
}

type JsonObject = Readonly<Record<string, unknown>>

function fitObject(
  value: JsonObject,
  at: { readonly shape: ObjectShape; readonly place: Place },
  mistakes: ShapeMistake[],
): unknown {
  const { shape, place } = at
  for (const key of shape.required ?? [])
    if ((ownValue(value, key) ?? null) === null)
      mistaken({ ...place, path: [...place.path, key], value: undefined }, 'a value', mistakes)
  // Object.fromEntries defines own properties, so a key `__proto__` stays a key.
  return Object.fromEntries(fitEntries(value, at, mistakes))
}

function* fitEntries(
  value: JsonObject,
  { shape, place }: { readonly shape: ObjectShape; readonly place: Place },
  mistakes: ShapeMistake[],
): Generator<[string, unknown]> {
  for (const [key, child] of Object.entries(value)) {
    const childShape = ownShape(shape, key)
    if (childShape === undefined) yield [key, child]
    else if (child !== null)
      yield [key, fit({ value: child, shape: childShape, path: [...place.path, key] }, mistakes)]
    else if (shape.nullIsEmpty) yield [key, '']
  }
}

function fitArray(
  value: readonly unknown[],
  at: { readonly shape: { readonly items: Shape }; readonly place: Place },
  mistakes: ShapeMistake[],
): unknown {
  return value.map((child, index) =>
    fit({ value: child, shape: at.shape.items, path: [...at.place.path, index] }, mistakes),
  )
}

function mistaken(place: Place, expected: string, mistakes: ShapeMistake[]): unknown {
  mistakes.push({ path: place.path, expected, found: foundType(place) })
  return place.value
}

function ownShape(shape: ObjectShape, key: string): Shape | undefined {
  return (shape.properties && ownValue(shape.properties, key)) ?? shape.additionalProperties
}

function jsonType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

function foundType({ value, shape }: Place): string {
  if (value === undefined) return 'nothing'
  // A number where a string belongs is nearly always a missing pair of quotes in YAML, so the
  // problem says so.
  const unquoted =
    shape.type === 'string' && ['integer', 'number', 'boolean'].includes(jsonType(value))
  if (shape.type === 'string' && typeof value === 'string') return 'another string'
  return unquoted ? `${jsonType(value)} (put it in quotes)` : jsonType(value)
}
