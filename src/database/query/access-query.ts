import { escapeLiteral } from 'pg'
import { lazily } from './lazily.js'

/** A test of the table `c` that is planned only where it is asked. `%s` in it is the table's oid. */
function whenAsked(test: string): string {
  return `${lazily(`format(${escapeLiteral(`SELECT ${test} AS found`)}, c.oid)`)} LIKE '%<found>true</found>%'`
}

/** Whether the role has a right on the table `c`, or on each of its columns, which is as good. */
function hasTableRight(right: 'SELECT' | 'INSERT' | 'UPDATE'): string {
  const ofColumns = `(SELECT bool_and(has_column_privilege(a.attrelid, a.attnum, '${right}'))
    FROM pg_attribute a WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped)`
  return `CASE WHEN has_table_privilege(c.oid, '${right}') THEN true ELSE ${whenAsked(ofColumns)} END`
}

/**
 * Whether a policy of the table `c` holds for the role and lets rows through, for each of reading,
 * adding and changing them. Atlas adds a row and changes it after each statement, with INSERT ... ON
 * CONFLICT DO UPDATE, which needs all three.
 */
const hasPolicies = `NOT EXISTS (
  SELECT FROM unnest(ARRAY['r', 'a', 'w']) AS command WHERE NOT EXISTS (
    SELECT FROM pg_policy p, unnest(p.polroles) AS member WHERE p.polrelid = %s AND p.polpermissive
      AND p.polcmd IN ('*', command) AND CASE WHEN member = 0 THEN true ELSE pg_has_role(member, 'USAGE') END))`

const isLetThrough = `CASE WHEN row_security_active(c.oid) THEN ${whenAsked(hasPolicies)} ELSE true END`

/** What the role may do with the revisions table `c`, as JSON. */
export const tableRights = `json_build_object('select', ${hasTableRight('SELECT')},
  'insert', ${hasTableRight('INSERT')}, 'update', ${hasTableRight('UPDATE')},
  'owner', pg_has_role(c.relowner, 'USAGE'), 'policy', ${isLetThrough})`

/**
 * Asks what is known of a session without the table. `current_setting` tells the default for
 * transactions, whatever this one is.
 */
const sessionAccess = `'role', current_user, 'standby', pg_is_in_recovery(),
  'readOnly', current_setting('default_transaction_read_only') = 'on'`

/** The value of `access` for a table whose rights are in `t.rights`, where its rows could be read. */
export const usualAccess = `json_build_object(${sessionAccess}, 'table', t.rights)`

/** The value of `access` where there may be no table. `schema` is a literal. */
export function catalogAccess(schema: string): string {
  return `json_build_object(${sessionAccess}, 'table', t.rights,
    'schema', (SELECT json_build_object('create', has_schema_privilege(s.oid, 'CREATE'),
      'usage', has_schema_privilege(s.oid, 'USAGE')) FROM pg_namespace s WHERE s.nspname = ${schema}),
    'databaseCreate', has_database_privilege(current_database(), 'CREATE'))`
}
