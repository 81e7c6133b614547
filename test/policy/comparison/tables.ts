import type { Revision } from '../../../src/atlas/engine/revision.js'
import type { ServerFacts, TableExport } from '../../../src/policy/facts/exported-table.js'

/** A complete row; what ran as the n-th says `at`. */
export function row(version: string, fields: Partial<Revision> = {}): Revision {
  return {
    version,
    description: 'x',
    type: 2,
    applied: 1,
    total: 1,
    executedAt: `2026-01-01T00:00:0${version.charAt(0)}Z`,
    error: '',
    errorStatement: '',
    hash: `hash of ${version}`,
    partialHashes: [],
    operatorVersion: 'Atlas CLI v1.2.3',
    ...fields,
  }
}

export interface TestTable extends Partial<Omit<TableExport, 'table' | 'server'>> {
  readonly table?: Partial<TableExport['table']>
  readonly server?: Partial<ServerFacts> | null
}

/** A table that was read of a server; each side has a database of its own. */
export function exported(oid: string, { table, server, ...fields }: TestTable): TableExport {
  return {
    exportedAt: '2026-11-24T10:00:00Z',
    database: `db${oid}`,
    revisionsSchema: 'atlas_schema_revisions',
    boundSchema: null,
    ...fields,
    server:
      server === null
        ? null
        : {
            version: '16.4',
            collation: { provider: 'libc', name: 'C', version: null, actualVersion: null },
            tableSchemas: ['atlas_schema_revisions'],
            ...server,
          },
    table: {
      kind: 'read',
      identity: { system: '7', database: oid, identifier: null },
      revisions: [row('1'), row('2'), row('3')],
      notClean: null,
      ambiguous: false,
      elsewhere: [],
      locked: false,
      ...table,
    },
  }
}
