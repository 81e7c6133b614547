import { identifierVersion, type Revision } from '../../atlas/engine/revision.js'
import type { LiveTable, TableExport } from '../../policy/facts/exported-table.js'
import { harmlessJson } from '../../policy/text/harmless-text.js'
import { parseExportText, type ExportedRow, type ExportFile } from './export-shape.js'

/**
 * The export as JSON. The columns error and error_stmt are left out: they quote SQL and data, which
 * may be secret, and the engine decides nothing by them.
 */
export function printTableExport(exported: LiveTable): string {
  const { table } = exported
  const { identity, revisions } = table
  const file: ExportFile = {
    format: 'atlas-admission/revisions',
    formatVersion: 1,
    exportedAt: exported.exportedAt,
    database: {
      dialect: 'postgres',
      name: exported.database,
      system: identity.system,
      oid: identity.database,
      identifier: identity.identifier,
    },
    server: exported.server,
    boundSchema: exported.boundSchema,
    revisionsSchema: exported.revisionsSchema,
    ambiguous: table.ambiguous,
    elsewhere: table.elsewhere,
    notClean: table.notClean,
    locked: table.locked,
    revisions: revisions?.map(printRow) ?? null,
  }
  return `${harmlessJson(JSON.stringify(file, null, 2))}\n`
}

function printRow(row: Revision): ExportedRow {
  return {
    version: row.version,
    description: row.description,
    type: row.type,
    applied: row.applied,
    total: row.total,
    executed_at: row.executedAt,
    hash: row.hash,
    partial_hashes: row.partialHashes,
    operator_version: row.operatorVersion,
  }
}

/**
 * The export that a text holds. The text may also be a bare array of the table's rows in the
 * database's order, as `SELECT json_agg(r ORDER BY r.version) FROM
 * atlas_schema_revisions.atlas_schema_revisions r` gives. `file` is its name for messages.
 * @throws RowsError with a line for each field that is wrong.
 */
export function parseTableExport(text: string, file: string): TableExport {
  const parsed = parseExportText(text, file)
  return 'rows' in parsed ? readBareRows(parsed.rows) : readExport(parsed.file)
}

function readExport(file: ExportFile): TableExport {
  const { database, server, revisions } = file
  const { collation } = server
  return {
    exportedAt: file.exportedAt,
    database: database.name,
    revisionsSchema: file.revisionsSchema,
    boundSchema: file.boundSchema ?? null,
    server: {
      version: server.version,
      collation: {
        provider: collation.provider,
        name: collation.name,
        version: collation.version ?? null,
        actualVersion: collation.actualVersion ?? null,
      },
      tableSchemas: server.tableSchemas,
    },
    table: {
      kind: 'read',
      identity: {
        system: database.system,
        database: database.oid,
        identifier: database.identifier ?? null,
      },
      revisions: revisions?.map(readRow) ?? null,
      notClean: file.notClean ?? null,
      ambiguous: file.ambiguous,
      elsewhere: file.elsewhere,
      locked: file.locked,
    },
  }
}

/**
 * An export made of bare rows. They tell nothing of the database except Atlas Cloud's identifier.
 * As there are rows, the engine needs to know nothing else.
 */
function readBareRows(rows: readonly ExportedRow[]): TableExport {
  const identifier = rows.find(({ version }) => version === identifierVersion)?.description ?? null
  return {
    exportedAt: null,
    database: '',
    revisionsSchema: null,
    boundSchema: null,
    server: null,
    table: {
      kind: 'read',
      identity: { system: '', database: '', identifier },
      revisions: rows.filter(({ version }) => version !== identifierVersion).map(readRow),
      notClean: null,
      ambiguous: false,
      elsewhere: [],
      locked: false,
    },
  }
}

/** Reads a row. A missing `type` has the column's default (Atlas v1.2.3). */
function readRow(row: ExportedRow): Revision {
  return {
    version: row.version,
    description: row.description ?? '',
    type: row.type ?? 2,
    applied: row.applied,
    total: row.total,
    executedAt: row.executed_at ?? '',
    error: '',
    errorStatement: '',
    hash: row.hash,
    partialHashes: row.partial_hashes ?? [],
    operatorVersion: row.operator_version ?? '',
  }
}
