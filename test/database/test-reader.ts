import type { Test } from 'tap'
import { buildPostgresReader, type PostgresReader } from '../../src/database/postgres-reader.js'
import type { PostgresReaderOptions } from '../../src/database/postgres-reader.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import type { DatabaseLimits } from '../../src/policy/settings/settings.js'
import type { Deadline, TableQuery } from '../../src/review/ports/ports.js'

export interface TestReaderOptions extends Omit<PostgresReaderOptions, 'limits'> {
  readonly limits?: Partial<DatabaseLimits>
}

/** A reader with generous limits, closed with the test. */
export function buildTestReader(t: Test, options: TestReaderOptions = {}): PostgresReader {
  const generous = { connectTimeoutMs: 20_000, statementTimeoutMs: 20_000, lockTimeoutMs: 20_000 }
  const limits = { ...defaultSettings.database, ...generous, ...options.limits }
  const reader = buildPostgresReader({ ...options, limits })
  t.teardown(() => reader.close())
  return reader
}

/** The usual question about a URL that binds no schema. */
export function ask(url: string, question: Partial<Omit<TableQuery, 'url'>> = {}): TableQuery {
  return {
    url: { reveal: () => url },
    revisionsSchema: 'atlas_schema_revisions',
    boundSchema: null,
    revisionsSchemaIsSet: false,
    ...question,
  }
}

export function within(milliseconds: number): Deadline {
  return { at: Date.now() + milliseconds, signal: AbortSignal.timeout(milliseconds) }
}

/** Longer than a loaded machine needs. */
export function soon(): Deadline {
  return within(20_000)
}
