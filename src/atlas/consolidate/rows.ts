import type { Refusal } from './consolidation.js'
import type { MergeTable } from './merge-table.js'
import { listNames } from '../text/name-list.js'
import { isPartial, type Revision } from '../engine/revision.js'

/** Refuses a database whose rows are already wrong, however the directories are merged. */
export function refuseRows({ database, rows, readings }: MergeTable): readonly Refusal[] {
  const last = rows.at(-1)
  const missing = rows.filter(({ version }) => readings.get(version)?.kind === 'missing')
  return [
    ...(last !== undefined && isPartial(last) ? [refusePartial(last, database.name)] : []),
    ...(missing.length > 0 ? [refuseMissing(missing, database.name)] : []),
  ]
}

function refusePartial(row: Revision, database: string): Refusal {
  const { version, applied, total } = row
  return {
    reason: 'partial-row',
    found: `the last file on ${database}, ${describeRow(row)}, ran only in part (${applied} of ${total} statements)`,
    remedy: 'repair and finish it with the directory that it is from, then consolidate',
    subjects: [version],
    database,
  }
}

function refuseMissing(rows: readonly Revision[], database: string): Refusal {
  return {
    reason: 'row-without-file',
    found: `no source has what ran on ${database} as ${listNames(rows.map(describeRow))}`,
    remedy:
      'add the directory that has it: another AtlasMigration on this table, a dir-state Secret, or an older commit',
    subjects: rows.map(({ version }) => version),
    database,
  }
}

function describeRow({ version, description }: Revision): string {
  return description === '' ? version : `${version} (${description})`
}
