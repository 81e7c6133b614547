import { revisionsTable } from '../../atlas/engine/revision.js'
import type { Facts, Target } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { misreading } from '../url/schema-name.js'
import { plannedHistory } from '../history/live-history.js'
import { listNames } from '../../atlas/text/name-list.js'
import { elsewhereName } from '../history/neighbour-names.js'
import {
  isDatabaseChanged,
  isTableChanged,
  resolvedTarget,
  tableSubject,
} from '../history/target-change.js'

export const revisionTableElsewhere: Rule = {
  id: 'revision-table-elsewhere',
  title:
    'The revisions table is not where the operator will look, but in another schema of the database.',
  why: 'The operator looks in spec.revisionsSchema, else in the schema of the URL, else in atlas_schema_revisions. In the wrong place it takes the database for one that has run nothing.',
  severity: 'deny',
  evidence: 'database',
  order: 4150,
  since: '0.1.0',
  evaluate,
}

type ReadTable = Extract<Facts['table'], { readonly kind: 'read' }>

function evaluate(facts: Facts): Finding | null {
  const { table } = facts
  const target = resolvedTarget(facts)
  if (table.kind !== 'read' || !target) return null
  // url-invalid tells of a schema whose name the server reads differently: there is none to choose.
  if (table.ambiguous)
    return misreading(target.revisionsSchema) === null ? ambiguity(facts, target) : null
  if (table.revisions?.length || table.elsewhere.length === 0) return null
  const owned = ownersOf(facts)
  const moved = schemaOfMove(facts, owned)
  if (moved === null && isOwnTable(facts, table)) return null
  const own = moved ?? table.elsewhere.find(schema => !owned.has(schema))
  const isWrong = moved !== null || startsWrong(facts)
  // The rows are those of others, and this one has simply not started yet.
  if (own === undefined && !isWrong) return null
  return {
    found: `no rows in schema ${target.revisionsSchema}, where the operator will look, but in ${listNames(table.elsewhere)}`,
    expected: 'the rows of this database where the operator looks',
    remedy:
      own === undefined
        ? 'put the URL and spec.revisionsSchema back as they were'
        : `set spec.revisionsSchema to ${own}`,
    field: 'spec.revisionsSchema',
    subjects: [tableSubject(facts, target)],
    details: [
      ...[...owned].map(([schema, owner]) => ownerText(schema, owner)),
      'For a second directory with a table of its own: set spec.baseline too (a first, empty file), from the first reconcile on',
    ],
    ...(moved !== null && !startsWrong(facts) && { since: '0.2.0' }),
    ...(!isWrong && { severity: 'warn' as const }),
  }
}

/**
 * The finding for an ambiguous table. `migrate status` and `migrate apply` refuse it, whatever the
 * rows are (Atlas v1.2.3), so a new object is denied too.
 */
function ambiguity(facts: Facts, target: Target): Finding {
  const schema = target.revisionsSchema
  const known = facts.before && !isTableChanged(facts)
  const owner = ownersOf(facts).get(revisionsTable)
  return {
    found: `"ambiguous revision table": none in schema ${schema} of the URL, but one in ${revisionsTable}`,
    expected: 'spec.revisionsSchema, when the URL names a schema and the table is in another',
    remedy: owner
      ? `set spec.revisionsSchema to ${schema}`
      : `set spec.revisionsSchema to ${revisionsTable} or ${schema}`,
    field: 'spec.revisionsSchema',
    subjects: [`${tableSubject(facts, target)} ambiguous`],
    details: owner ? [ownerText(revisionsTable, owner)] : [],
    ...(known && { severity: 'warn' as const }),
  }
}

function ownerText(schema: string, owner: string): string {
  return `The table in ${schema} is that of ${owner}: do not use it here`
}

/** The schemas that other AtlasMigrations of this database use, with their names. */
function ownersOf({ table, neighbours = [] }: Facts): ReadonlyMap<string, string> {
  const schemas = new Set(table.kind === 'read' ? table.elsewhere : [])
  return new Map(
    neighbours
      .filter(({ revisionsSchema }) => schemas.has(revisionsSchema))
      .map(({ revisionsSchema, name }) => [revisionsSchema, name ?? elsewhereName]),
  )
}

/**
 * The schema in which the rows came along when the database was moved, and where the operator will
 * not look any more; null when it is none, or another AtlasMigration's. With a baseline, an own
 * table was chosen.
 */
function schemaOfMove(facts: Facts, owned: ReadonlyMap<string, string>): string | null {
  const { before, table, migration } = facts
  const old = before && resolvedTarget(before)
  if (!old || before.table.kind !== 'read' || !before.table.revisions?.length) return null
  if (table.kind !== 'read' || migration.spec.baseline || !isDatabaseChanged(facts)) return null
  const schema = old.revisionsSchema
  return table.elsewhere.includes(schema) && !owned.has(schema) ? schema : null
}

/**
 * Whether an own table was chosen on purpose: an empty schema of one tenant among many, or the
 * recipe for a second directory, spec.revisionsSchema with a baseline.
 */
function isOwnTable({ migration, target }: Facts, { notClean, revisions }: ReadTable): boolean {
  const { revisionsSchema, baseline } = migration.spec
  const isChosen =
    Boolean(revisionsSchema) || (target.kind === 'resolved' && target.target.boundSchema !== null)
  return isChosen && revisions === null && (notClean === null || Boolean(baseline))
}

/** Whether this write moved the operator away from the rows, and its first reconcile would fail. */
function startsWrong(facts: Facts): boolean {
  const first = plannedHistory(facts)?.prediction.first
  return isTableChanged(facts) && first?.error?.type === 'NotCleanError'
}
