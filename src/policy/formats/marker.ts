/** Formats that `atlas migrate import` converts, by the name that it knows them by. */
export type ImportFormat = 'golang-migrate' | 'goose' | 'flyway' | 'liquibase' | 'dbmate'

/** A comment that means something to another migration tool. For Atlas it is only a comment. */
export interface Marker {
  readonly tool: string
  /**
   * What stands behind it: what the migration does, what undoes it, or, as of a first line, nothing
   * special.
   */
  readonly opens: 'up' | 'down' | 'file'
  /** null when `atlas migrate import` would not cut off what undoes the migration. */
  readonly importFormat: ImportFormat | null
  /**
   * Whether the words are so common that people write them without any tool. They then count only
   * in a pair, and before a statement that takes something away.
   */
  readonly common: boolean
  /** Whether it counts only as the first line, and then for the whole file. */
  readonly head: boolean
}

type Reader = (line: string) => Marker | null

/** Longest line that may be a marker. No tool has a longer one, and prose often is. */
const longestMarker = 120

/**
 * Every pattern is held to the end of its line, so that a sentence which mentions a marker is none.
 * The tools are those whose files were found in public repositories.
 */
const readers: readonly Reader[] = [
  // `atlas migrate import` (v1.2.3) knows these in exactly this spelling, and without options. In any
  // other it would keep what stands behind.
  pair(/^-- \+goose\s+(Up|Down)$/, { tool: 'goose', importFormat: 'goose' }),
  pair(/^--\s*\+goose\s+(up|down)$/i, { tool: 'goose' }),
  pair(/^-- migrate:(up|down)$/, { tool: 'dbmate', importFormat: 'dbmate' }),
  pair(/^--\s*migrate:(up|down)(?:\s+[a-z_-]+:[a-z]+){0,4}$/, { tool: 'dbmate' }),
  pair(/^--\s*\+migrate\s+(up|down)(?:\s+notransaction)?$/i, { tool: 'sql-migrate' }),
  pair(/^--\s*\+micrate\s+(up|down)$/i, { tool: 'micrate' }),
  pair(/^--\s*rambler\s+(up|down)$/i, { tool: 'rambler' }),
  pair(/^--[\s-]*(up|down)\s+migration$/i, { tool: 'node-pg-migrate' }),
  pair(/^--[\s-]*!(up|down)s$/i, { tool: 'Play evolutions' }),
  pair(/^--\s*={2,20}\s*(up|down)\s*={2,20}$/i, { tool: 'shmig' }),
  pair(/^--\s*[@[]?(up|down)\]?:?$/i, { tool: 'an up/down tool', common: true }),
  one(/^---- create above \/ drop below ----$/, { tool: 'tern', opens: 'down' }),
  one(/^--\s*\/\/\s*@UNDO$/, { tool: 'MyBatis Migrations', opens: 'down' }),
  one(/^--\s*liquibase formatted sql\b/i, {
    tool: 'Liquibase',
    opens: 'file',
    importFormat: 'liquibase',
    head: true,
  }),
  one(sqitch('Deploy', 'to'), { tool: 'Sqitch', opens: 'file', head: true }),
  one(sqitch('Revert', 'from'), { tool: 'Sqitch', opens: 'down', head: true }),
]

/**
 * The first line that Sqitch writes. It ends with an engine: people write "Revert prices from euros"
 * above a migration of their own.
 */
function sqitch(verb: string, preposition: string): RegExp {
  const engines = 'pg|sqlite|mysql|oracle|firebird|vertica|exasol|snowflake|cockroach|clickhouse'
  return new RegExp(`^-- ${verb} \\S+ ${preposition} (?:${engines})$`)
}

type Known = Pick<Marker, 'tool'> & Partial<Marker>

const plain = { opens: 'file', importFormat: null, common: false, head: false } as const

/** A pattern whose first group says which of the two parts begins. */
function pair(pattern: RegExp, known: Known): Reader {
  return line => {
    const word = pattern.exec(line)?.[1]
    if (word === undefined) return null
    return { ...plain, ...known, opens: word.toLowerCase() === 'up' ? 'up' : 'down' }
  }
}

function one(pattern: RegExp, known: Known): Reader {
  return line => (pattern.test(line) ? { ...plain, ...known } : null)
}

/** The marker that this line comment is, from its dashes to its end; null for any other comment. */
export function readMarker(comment: string): Marker | null {
  if (comment.length > longestMarker) return null
  const line = comment.trim()
  for (const read of readers) {
    const marker = read(line)
    if (marker !== null) return marker
  }
  return null
}
