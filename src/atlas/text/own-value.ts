/**
 * The value of a record's own key; undefined when it has none.
 *
 * Keys of ConfigMaps, Secrets, files and URLs are chosen by strangers, and every object of
 * JavaScript has `constructor`, `toString` and `__proto__` without owning them. This is therefore
 * the only place of the program that indexes an object by a name, and a test refuses `record[name]`
 * everywhere else. The program's own tables are Maps.
 */
export function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
