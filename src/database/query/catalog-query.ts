import { escapeLiteral } from 'pg'
import { revisionsTable } from '../../atlas/engine/revision.js'
import type { TableQuery } from '../../review/ports/ports.js'
import { lazily } from './lazily.js'
import { catalogAccess, tableRights, usualAccess } from './access-query.js'
import { contentQuery } from './content-query.js'

/**
 * FNV-1 (32 bits) of `atlas_migrate_execute`: the key of Atlas's advisory lock (v1.2.3,
 * Driver.Lock).
 */
const executeLockKey = 2686470616

/** Most other schemas that are named. More would only repeat the point. */
export const maxElsewhere = 20

/**
 * Schemas that are read for the clean check. It decides at the first schema that is neither an
 * empty `public` nor the revisions schema, so three in the order of names are enough.
 */
export const schemasForCleanCheck = 3

/** A condition for schemas or tables that an extension owns, which Atlas leaves out. */
function ofExtension(catalog: 'pg_class' | 'pg_namespace', oid: string): string {
  return `EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`
}

/**
 * A condition for what Atlas takes for a table (v1.2.3, tablesQuery): a BASE TABLE of
 * information_schema.tables, so one on which the role has some right; no partition, and nothing of
 * an extension.
 */
const isTable = `c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
  AND (pg_has_role(c.relowner, 'USAGE')
    OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
    OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
  AND NOT ${ofExtension('pg_class', 'c.oid')}`

/**
 * A condition for the schemas that Atlas sees (v1.2.3, schemasQuery). A schema that the URL names
 * is taken as it is.
 */
function schemaCondition(boundSchema: string | null): string {
  return boundSchema === null
    ? `n.nspname NOT IN ('information_schema', 'pg_catalog', 'pg_toast', 'crdb_internal', 'pg_extension')
       AND n.nspname NOT LIKE 'pg_%temp_%'`
    : `n.nspname = ${escapeLiteral(boundSchema)}`
}

const systemIdentifier = `CASE WHEN has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
  THEN substring(${lazily("'SELECT system_identifier FROM pg_catalog.pg_control_system()'")} FROM '>(\\d+)<') END`

export const revisionsTables = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relname = '${revisionsTable}'`

function elsewhereQuery(schema: string): string {
  const hasRow = lazily("format('SELECT 1 AS found FROM %I.%I LIMIT 1', n.nspname, c.relname)")
  return `SELECT json_agg(nspname) FROM (
    SELECT CASE WHEN has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
      THEN ${hasRow} LIKE '%<found>%' ELSE false END AS found, n.nspname
    FROM ${revisionsTables} AND n.nspname <> ${schema} AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    ORDER BY n.nspname) e WHERE found`
}

/**
 * Only the columns, and the right to read them. The rest of the facts is about the whole database.
 */
const columnNames = `SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`

function schemasQuery(boundSchema: string | null, revisionsSchema: string): string {
  return `SELECT json_agg(json_build_object('name', s.nspname, 'tables', t.names) ORDER BY s.nspname)
    FROM (SELECT n.oid, n.nspname FROM pg_namespace n
      WHERE ${schemaCondition(boundSchema)} AND NOT ${ofExtension('pg_namespace', 'n.oid')}
      ORDER BY n.nspname LIMIT ${schemasForCleanCheck}) s
    CROSS JOIN LATERAL (SELECT coalesce(json_agg(relname), '[]') AS names FROM (SELECT c.relname
      FROM pg_class c WHERE c.relnamespace = s.oid AND ${isTable} ORDER BY c.relname
      LIMIT CASE WHEN s.nspname <> ${revisionsSchema} THEN 1 END) c) t`
}

const content = contentQuery({
  schemas: `${schemaCondition(null)} AND NOT ${ofExtension('pg_namespace', 'n.oid')}`,
  ofExtension: ofExtension('pg_class', 'c.oid'),
})

const identity = `'system', ${systemIdentifier},
  'database', (SELECT oid::text FROM pg_database WHERE datname = current_database()),
  'cockroach', current_setting('crdb_version', true)`

/** Asks which database this is. One row with one column. */
export const identityQuery = `SELECT json_build_object(${identity})`

const locked = `'locked', EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0
  AND l.objid = ${executeLockKey} AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))`

/** The table that the operator uses, as `c` in the schema `n`. */
function tableIn(schema: string): string {
  return `${revisionsTables} AND n.nspname = ${schema} AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relpersistence <> 't'`
}

/**
 * Asks for {@link UsualFacts}: one row with one column. It is for a table that has rows, where
 * neither the clean check nor a table in another schema changes what the engine does. Planning
 * those two costs more than all the rest.
 */
export function usualQuery({ revisionsSchema }: Omit<TableQuery, 'url'>): string {
  const schema = escapeLiteral(revisionsSchema)
  return `SELECT json_build_object(${identity}, ${locked}, 'columns', t.columns, 'access', ${usualAccess})
  FROM (SELECT) AS one LEFT JOIN LATERAL (
    SELECT (${columnNames}) AS columns, ${tableRights} AS rights FROM ${tableIn(schema)}) t ON true`
}

/** Asks for {@link CatalogFacts}: one row with one column. */
export function catalogQuery(query: Omit<TableQuery, 'url'>): string {
  const schema = escapeLiteral(query.revisionsSchema)
  return `SELECT json_build_object(${identity}, ${locked},
    'columns', t.columns, 'access', ${catalogAccess(schema)}, 'schemaUsable', coalesce(t.usable, true), 'tableReadable', coalesce(t.readable, true),
    'defaultTable', EXISTS (SELECT FROM ${revisionsTables} AND n.nspname = '${revisionsTable}' AND ${isTable}),
    'elsewhere', coalesce((SELECT json_agg(x) FROM (SELECT json_array_elements((${elsewhereQuery(schema)})) AS x LIMIT ${maxElsewhere}) y), '[]'),
    'content', (${content}),
    'schemas', coalesce((${schemasQuery(query.boundSchema, schema)}), '[]'))
  FROM (SELECT) AS one LEFT JOIN LATERAL (
    SELECT (${columnNames}) AS columns, has_schema_privilege(n.oid, 'USAGE') AS usable,
      (SELECT bool_and(has_column_privilege(c.oid, a.attnum, 'SELECT')) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS readable, ${tableRights} AS rights
    FROM ${tableIn(schema)}) t ON true`
}
