/**
 * A query inside of a text, which runs only when its row is reached. Without this, a function that
 * the role may not call, or a table whose name comes from the catalog, would fail the whole
 * transaction. A query that is not reached is not planned either.
 */
export function lazily(query: string): string {
  return `query_to_xml(${query}, true, false, '')::text`
}
