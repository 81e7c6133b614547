import type { StatementDialect } from '../../atlas/statement/dialect.js'
import type { Facts } from './facts.js'

/** The dialect by whose rules statements are split; null when the database is not known. */
export function statementDialect({ target }: Pick<Facts, 'target'>): StatementDialect | null {
  if (target.kind !== 'resolved') return null
  const { dialect } = target.target
  if (dialect === 'other') return null
  return dialect === 'mariadb' ? 'mysql' : dialect
}
