import { revisionsTable } from '../../atlas/engine/revision.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import { isPlatformSchema, type DatabaseContent } from '../facts/database-content.js'
import type { Facts } from '../facts/facts.js'
import { oncePerFacts } from '../facts/once-per-facts.js'
import { statementDialect } from '../facts/statement-dialect.js'
import { plannedHistory } from './live-history.js'
import { madeTables } from '../statements/made-tables.js'

/** A database without rows, as the files see it. */
export interface FirstRun {
  /**
   * How much of what the files make is there. `unknown` where the database was not looked at, or the
   * files make no table by which it could be told.
   */
  readonly holds: 'nothing' | 'something' | 'unknown'
  /** Schemas that keep Atlas from taking the database for clean. */
  readonly inTheWay: readonly string[]
  /** Whether the schema `public` has no table. */
  readonly isPublicEmpty: boolean
}

/** null where there are rows, or it is not known. */
export const firstRun = oncePerFacts((facts): FirstRun | null => {
  const history = plannedHistory(facts)
  if (!history || history.rows.length > 0 || facts.table.kind !== 'read') return null
  const { content } = facts.table
  if (!content) return { holds: 'unknown', inTheWay: [], isPublicEmpty: false }
  return {
    holds: holdingOf(history.files, content, facts),
    inTheWay: schemasInTheWay(content, facts),
    isPublicEmpty: content.schemas.every(
      ({ name, tables }) => name !== 'public' || tables.length === 0,
    ),
  }
})

function holdingOf(
  files: readonly MigrationFile[],
  content: DatabaseContent,
  facts: Facts,
): FirstRun['holds'] {
  const dialect = statementDialect(facts)
  if (!dialect) return 'unknown'
  const made = madeTables(files, dialect)
  const present = tableNames(content)
  if ([...made.tables.keys()].some(name => present.has(name))) return 'something'
  if (!content.isWhole) return 'unknown'
  return made.tables.size > 0 || present.size === 0 ? 'nothing' : 'unknown'
}

/** Tables of the users. A table of a platform's schema says nothing of the files. */
export function tableNames({ schemas }: DatabaseContent): ReadonlySet<string> {
  return new Set(
    schemas
      .filter(({ name }) => !isPlatformSchema(name))
      .flatMap(({ tables }) => tables)
      .filter(name => name !== revisionsTable),
  )
}

function schemasInTheWay({ schemas }: DatabaseContent, { target }: Facts): readonly string[] {
  if (target.kind !== 'resolved') return []
  const { boundSchema, revisionsSchema } = target.target
  if (boundSchema !== null) return [boundSchema]
  return schemas
    .filter(
      ({ name, tables }) => name !== revisionsSchema && (name !== 'public' || tables.length > 0),
    )
    .map(({ name }) => name)
}

/**
 * Name of an empty file that comes before all others, for a baseline that skips nothing; null where
 * no version like theirs is older.
 */
export function emptyBaseline(
  files: readonly MigrationFile[],
): { readonly file: string; readonly version: string } | null {
  const first = files.find(({ checkpoint }) => !checkpoint)?.version ?? ''
  if (!/^\d+$/.test(first)) return null
  const version = '0'.repeat(first.length)
  const isOlder = files.every(file => compareBytewise(version, file.version) < 0)
  return isOlder ? { file: `${version}_baseline.sql`, version } : null
}
