import { escapeLiteral } from 'pg'
import type { AskedObject } from '../../policy/facts/catalog-objects.js'

/** A setting of the transaction in which the search path of the session is kept, as JSON. */
const keptPath = 'atlas_admission.search_path'

/**
 * Notes the search path that a new session of the role has, as a list of schemas that are there. It
 * goes into a setting, because the queries themselves must not run with it. All names in it are
 * qualified, since any schema may come first here.
 */
const notePath = [
  'SET LOCAL search_path TO DEFAULT',
  `SELECT pg_catalog.set_config('${keptPath}',
    pg_catalog.array_to_json(pg_catalog.current_schemas(false))::pg_catalog.text, true)`,
  'SET LOCAL search_path TO pg_catalog, pg_temp',
]

const path = `path AS (SELECT p.name, p.at FROM
  json_array_elements_text(current_setting('${keptPath}')::json) WITH ORDINALITY AS p(name, at))`

/** The relation of the name, or of the table that the name belongs to: the first along the path. */
const relation = `SELECT c.oid, c.relname, c.relnamespace, c.relowner, c.relkind
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN path ON path.name = n.nspname
  WHERE c.relname = CASE WHEN a.kind = 'existing' THEN a.name ELSE a.table END
    AND CASE WHEN a.schema IS NULL THEN path.at IS NOT NULL ELSE n.nspname = a.schema END
  ORDER BY path.at LIMIT 1`

/** Where the object is, or would be made: with its table, or in the first schema of the path. */
const place = `SELECT n.oid, n.nspname, n.nspowner FROM pg_namespace n WHERE CASE WHEN r.oid IS NULL
  THEN n.nspname = coalesce(a.schema, (SELECT name FROM path WHERE at = 1)) ELSE n.oid = r.relnamespace END`

const hasRelation = `EXISTS (SELECT FROM pg_class c WHERE c.relname = a.name AND c.relnamespace = s.oid)`

/** A type in the way. PostgreSQL gives the type of an array another name when its own is wanted. */
const hasType = `EXISTS (SELECT FROM pg_type t WHERE t.typname = a.name AND t.typnamespace = s.oid
  AND t.typisdefined AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid))`

const exists = `CASE a.kind
  WHEN 'relation' THEN ${hasRelation} OR ${hasType}
  WHEN 'index' THEN ${hasRelation}
  WHEN 'type' THEN ${hasType}
  WHEN 'column' THEN EXISTS (SELECT FROM pg_attribute t
    WHERE t.attrelid = r.oid AND t.attname = a.name AND NOT t.attisdropped)
  WHEN 'constraint' THEN EXISTS (SELECT FROM pg_constraint t WHERE t.conrelid = r.oid AND t.conname = a.name)
  WHEN 'schema' THEN EXISTS (SELECT FROM pg_namespace t WHERE t.nspname = a.name)
  WHEN 'extension' THEN EXISTS (SELECT FROM pg_extension t WHERE t.extname = a.name)
  WHEN 'role' THEN EXISTS (SELECT FROM pg_roles t WHERE t.rolname = a.name)
  WHEN 'setting' THEN EXISTS (SELECT FROM pg_settings t WHERE lower(t.name) = a.name)
  ELSE r.oid IS NOT NULL END`

/** Rights that the role lacks for certain; where no schema is known, none is said to lack. */
const mayCreate = `CASE
  WHEN a.kind IN ('relation', 'type') THEN coalesce(has_schema_privilege(s.oid, 'CREATE'), true)
  WHEN a.kind = 'schema' THEN has_database_privilege(current_database(), 'CREATE')
  WHEN a.kind = 'role' THEN (SELECT t.rolcreaterole OR t.rolsuper FROM pg_roles t WHERE t.rolname = current_user)
  ELSE true END`

/** The owner of an index is that of its table, and cannot be changed without it. */
const ownedTable = `CASE WHEN r.relkind IN ('i', 'I') THEN (SELECT t.relname FROM pg_index i
  JOIN pg_class t ON t.oid = i.indrelid WHERE i.indexrelid = r.oid) ELSE r.relname END`

const answer = `json_build_object('n', a.n, 'exists', ${exists}, 'schema', s.nspname, 'table', ${ownedTable},
  'owner', pg_get_userbyid(r.relowner), 'owned', coalesce(pg_has_role(r.relowner, 'USAGE'), true),
  'mayDrop', coalesce(pg_has_role(r.relowner, 'USAGE') OR pg_has_role(s.nspowner, 'USAGE'), true),
  'mayCreate', ${mayCreate})`

/**
 * Statements for one transaction. The last one asks for one row with one column: a list with an
 * entry for each object, in which `n` is its index.
 */
export function objectsStatements(objects: readonly AskedObject[]): readonly string[] {
  const asked = objects.map(({ kind, schema, table, name }, n) => ({
    n,
    kind,
    schema,
    table,
    name,
  }))
  const list = escapeLiteral(JSON.stringify(asked))
  return [
    ...notePath,
    `WITH ${path} SELECT coalesce(json_agg(${answer}), '[]')
      FROM json_to_recordset(${list}) AS a(n int, kind text, schema text, "table" text, name text)
      LEFT JOIN LATERAL (${relation}) r ON true LEFT JOIN LATERAL (${place}) s ON true`,
  ]
}
