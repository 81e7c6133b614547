import type { TableExport } from '../facts/exported-table.js'
import { countOf, listNames } from '../../atlas/text/name-list.js'
import { blocks, note, type Difference } from './difference.js'

/** Why the operator would find no rows in TO although FROM has some; empty where it finds rows. */
export function placeDifferences(from: TableExport, to: TableExport): readonly Difference[] {
  if (to.table.ambiguous) return [ambiguity(to)]
  const [rowsFrom, rowsTo] = [from.table.revisions ?? [], to.table.revisions ?? []]
  if (rowsFrom.length === 0 || rowsTo.length > 0) return []
  const count = countOf(rowsFrom.length, 'row')
  if (to.table.elsewhere.length > 0) return [elsewhere(to)]
  if (to.table.notClean === null)
    return [
      blocks('revision-table-incomplete', {
        found: `TO is an empty database, FROM has ${count}: the operator would run every file`,
        remedy: 'restore the data and the revisions table into TO first',
      }),
    ]
  return [withoutRows(to, count)]
}

function ambiguity({ boundSchema, revisionsSchema }: TableExport): Difference {
  return blocks('revision-table-elsewhere', {
    found: `"ambiguous revision table" in TO: none in schema ${revisionsSchema} of the URL, but one in atlas_schema_revisions`,
    remedy: `set spec.revisionsSchema to atlas_schema_revisions or ${boundSchema}`,
  })
}

function elsewhere({ revisionsSchema, table }: TableExport): Difference {
  return blocks('revision-table-elsewhere', {
    found: `no rows in schema ${revisionsSchema} of TO, where the operator will look, but in ${listNames(table.elsewhere)}`,
    remedy: `set spec.revisionsSchema to ${table.elsewhere[0]}, or move the table`,
  })
}

/** TO has no rows. If it has the table, though empty, not even a baseline helps. */
function withoutRows({ table, revisionsSchema }: TableExport, count: string): Difference {
  const rule = table.revisions === null ? 'baseline-required' : 'revision-table-empty'
  const what = table.revisions === null ? 'no revisions table' : 'an empty revisions table'
  return blocks(rule, {
    found: `TO has data but ${what} in schema ${revisionsSchema}, FROM has ${count}: the operator would stop (${table.notClean})`,
    remedy: 'copy the revisions table of FROM before the operator sees TO',
  })
}

/** Notes the schemas of the two tables, when both were found. */
export function schemaNotes(from: TableExport, to: TableExport): readonly Difference[] {
  return [...schemaChange(from, to), ...bindingChange(from, to), ...otherTables(to)]
}

function schemaChange(from: TableExport, to: TableExport): readonly Difference[] {
  if (from.revisionsSchema === null || to.revisionsSchema === null) return []
  if (from.revisionsSchema === to.revisionsSchema) return []
  return [
    note(
      `the revisions table is in schema ${from.revisionsSchema} of FROM, in ${to.revisionsSchema} of TO`,
      `see that the AtlasMigration looks in ${to.revisionsSchema} after the switch (spec.revisionsSchema, or the schema of the URL)`,
    ),
  ]
}

function bindingChange(from: TableExport, to: TableExport): readonly Difference[] {
  if (from.revisionsSchema === null || to.revisionsSchema === null) return []
  if (from.boundSchema === to.boundSchema) return []
  return [
    note(
      `the URL of FROM binds ${schemaText(from)}, that of TO binds ${schemaText(to)}: files then run in another scope`,
    ),
  ]
}

function schemaText({ boundSchema }: TableExport): string {
  return boundSchema === null ? 'no schema' : `schema ${boundSchema}`
}

function otherTables({ server, revisionsSchema, table }: TableExport): readonly Difference[] {
  const others = (server?.tableSchemas ?? []).filter(
    schema => schema !== revisionsSchema && !table.elsewhere.includes(schema),
  )
  if (others.length === 0) return []
  return [
    note(
      `TO has a revisions table in ${listNames(others)} too; the operator looks in ${revisionsSchema} only`,
    ),
  ]
}
