import type { DatabaseAccess, LackingRight } from '../../policy/facts/database-access.js'
import { checkNames, flag, object, text } from './answer-json.js'

interface TableRights {
  readonly select: boolean
  readonly insert: boolean
  readonly update: boolean
  readonly owner: boolean
  readonly policy: boolean
}

/** The answer to the queries of access-query.ts; fields that are null are left out. */
export interface AccessRow {
  readonly role: string
  readonly standby: boolean
  readonly readOnly: boolean
  /** Absent where there is no table. */
  readonly table?: TableRights
  /** Absent where there is no schema, and where it was not asked for. */
  readonly schema?: { readonly create: boolean; readonly usage: boolean }
  /** Absent where it was not asked for. */
  readonly databaseCreate?: boolean
}

export const accessShape = object(
  {
    role: text,
    standby: flag,
    readOnly: flag,
    table: object({ select: flag, insert: flag, update: flag, owner: flag, policy: flag }),
    schema: object({ create: flag, usage: flag }),
    databaseCreate: flag,
  },
  'table',
  'schema',
  'databaseCreate',
)

/**
 * Every column that Atlas (v1.2.3) wants the table to have. It adds a missing one before it reads,
 * in `migrate status` as well.
 */
const atlasColumns = [
  'version',
  'description',
  'type',
  'applied',
  'total',
  'executed_at',
  'execution_time',
  'error',
  'error_stmt',
  'hash',
  'partial_hashes',
  'operator_version',
]

/**
 * What the answer says; `columns` are those of the table.
 * @throws DatabaseFault for a name that is longer than any.
 */
export function readAccess(row: AccessRow, columns: readonly string[]): DatabaseAccess {
  const { role, standby, readOnly } = row
  checkNames([role])
  const schemaMissing = row.databaseCreate !== undefined && row.schema === undefined
  return { role, standby, readOnly, schemaMissing, lacking: lackingRights(row, columns) }
}

function lackingRights(row: AccessRow, columns: readonly string[]): readonly LackingRight[] {
  const { table, schema, databaseCreate = true } = row
  if (table === undefined) return lackingToCreate(schema, databaseCreate)
  const isComplete = atlasColumns.every(name => columns.includes(name))
  return rights([
    [schema?.usage ?? true, 'USAGE', 'schema'],
    [table.select, 'SELECT', 'table'],
    [table.insert, 'INSERT', 'table'],
    [table.update, 'UPDATE', 'table'],
    [isComplete || table.owner, 'OWNER', 'table'],
    [table.policy, 'POLICY', 'table'],
  ])
}

/** Atlas makes a schema that is missing, and then its table in it. */
function lackingToCreate(schema: AccessRow['schema'], databaseCreate: boolean) {
  return schema === undefined
    ? rights([[databaseCreate, 'CREATE', 'database']])
    : rights([
        [schema.create, 'CREATE', 'schema'],
        [schema.usage, 'USAGE', 'schema'],
      ])
}

type Asked = readonly [has: boolean, right: LackingRight['right'], on: LackingRight['on']]

function rights(asked: readonly Asked[]): readonly LackingRight[] {
  return asked.filter(([has]) => !has).map(([, right, on]) => ({ right, on }))
}
