/** The dialect whose rules split a file into statements. MariaDB goes by MySQL's. */
export type StatementDialect = 'postgres' | 'mysql' | 'sqlite'

/**
 * What the scanner of a dialect knows besides quotes, `--` and slash-star comments and BEGIN … END.
 */
export interface ScanRules {
  readonly dollarQuotes: boolean
  readonly beginAtomic: boolean
  readonly hashComments: boolean
  readonly backslashEscapes: boolean
}

/**
 * Scanner options of the drivers of Atlas v1.2.3 (`ScanStmts` of sql/postgres, sql/mysql, sql/sqlite).
 * PostgreSQL's `E'…'` strings are an option there, too, but one that never has an effect.
 */
export const scanRules: Readonly<Record<StatementDialect, ScanRules>> = {
  postgres: { dollarQuotes: true, beginAtomic: true, hashComments: false, backslashEscapes: false },
  mysql: { dollarQuotes: false, beginAtomic: false, hashComments: true, backslashEscapes: true },
  sqlite: { dollarQuotes: false, beginAtomic: false, hashComments: false, backslashEscapes: false },
}
