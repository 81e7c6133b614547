import { ownValue } from '../../../src/atlas/text/own-value.js'
/**
 * Fields in which what we computed differs from what was expected: a missing or an extra field counts.
 * Both are plain JSON. The text of a Go panic is free, its type is not.
 */
export function differences(actual: unknown, expected: unknown, path = ''): readonly string[] {
  if (isObject(actual) && isObject(expected)) {
    const panics = actual['type'] === 'panic' && expected['type'] === 'panic'
    const fields = new Set([...Object.keys(expected), ...Object.keys(actual)])
    if (panics) fields.delete('message')
    return Array.from(fields).flatMap(field =>
      differences(
        ownValue(actual, field),
        ownValue(expected, field),
        path === '' ? field : `${path}.${field}`,
      ),
    )
  }
  if (Array.isArray(actual) && Array.isArray(expected)) {
    const indexes = Array.from({ length: Math.max(actual.length, expected.length) }, (_, i) => i)
    return indexes.flatMap(i => differences(actual[i], expected[i], `${path}[${i}]`))
  }
  return Object.is(actual, expected)
    ? []
    : [`${path}: expected ${print(expected)}, got ${print(actual)}`]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `undefined` (no such field) is printed as nothing. */
function print(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}
