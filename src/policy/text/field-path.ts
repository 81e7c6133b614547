/** A field of an object or a file: keys, and positions in lists. */
export type FieldPath = readonly (string | number)[]

/**
 * The path as text, such as `spec.dir.local["1_init.sql"]` or `vars[0]`: dots for plain keys,
 * brackets for the rest.
 */
export function formatFieldPath(path: FieldPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    // A key can be any text of any length, and must not break the line in which it is printed.
    if (!/^[A-Za-z_][\w-]{0,62}$/.test(key)) return `${text}[${JSON.stringify(key.slice(0, 80))}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}
