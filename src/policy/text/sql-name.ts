/** Words that PostgreSQL takes for something else where a name stands, and that people use as names. */
const reserved: ReadonlySet<string> = new Set(
  'all analyse analyze and any array as asc authorization binary both case cast check collate collation column constraint create cross current_role current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime natural not notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric table tablesample then to trailing true union unique user using variadic verbose when where window with'.split(
    ' ',
  ),
)

/** A name as SQL takes it: in double quotes where it needs them. */
export function sqlName(name: string): string {
  const isPlain = /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name)
  return isPlain ? name : `"${name.replaceAll('"', '""')}"`
}
