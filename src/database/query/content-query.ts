/**
 * Most names of schemas and tables that are read: more than tell whether the tables of some
 * migrations are there, few enough for one answer.
 */
export const maxContent = 1000

export interface ContentConditions {
  /** Which schemas `n` Atlas sees. */
  readonly schemas: string
  /** Which tables `c` belong to an extension. */
  readonly ofExtension: string
}

/**
 * Asks for the schemas of the database with their tables, by names. Unlike the clean check it counts
 * tables on which the role has no right: they are there all the same. One more than the limit tells
 * that this is not all.
 */
export function contentQuery({ schemas, ofExtension }: ContentConditions): string {
  const pairs = `SELECT n.nspname, t.relname FROM pg_namespace n LEFT JOIN LATERAL (SELECT c.relname FROM pg_class c
      WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
        AND NOT ${ofExtension}) t ON true
    WHERE ${schemas} ORDER BY n.nspname, t.relname LIMIT ${maxContent + 1}`
  return `SELECT json_agg(json_build_object('name', nspname, 'tables', tables) ORDER BY nspname)
    FROM (SELECT nspname, coalesce(json_agg(relname ORDER BY relname) FILTER (WHERE relname IS NOT NULL), '[]') AS tables
      FROM (${pairs}) p GROUP BY nspname) s`
}
