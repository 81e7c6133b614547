import { revisionsTable } from '../../atlas/engine/revision.js'
import { sqlName } from '../text/sql-name.js'
import type { LackingRight } from '../facts/database-access.js'
import type { TableRightsProblem } from './table-rights.js'

type Problem = Omit<TableRightsProblem, 'says'>

/** The statements that give the role what it lacks, on one line. */
export function grantStatements(problem: Problem): string {
  const { lacking } = problem
  const grants = (['database', 'schema', 'table'] as const).flatMap(on => {
    const rights = lacking
      .filter(lack => lack.on === on && isGranted(lack))
      .map(({ right }) => right)
    return rights.length === 0 ? [] : [grant(rights, on, problem)]
  })
  return [...grants, ...lacking.flatMap(lack => otherStatement(lack, problem))].join('; ')
}

/** Names what is missing, such as `CREATE on database app`. */
export function nameRights({ lacking, target }: Problem): string {
  const { database, revisionsSchema } = target
  const objects = {
    database: `database ${database}`,
    schema: `schema ${revisionsSchema}`,
    table: `table ${revisionsSchema}.${revisionsTable}`,
  }
  return Object.entries(objects)
    .map(([on, name]) => [name, lacking.filter(lack => lack.on === on && isGranted(lack))] as const)
    .filter(([, rights]) => rights.length > 0)
    .map(([name, rights]) => `${rights.map(({ right }) => right).join(', ')} on ${name}`)
    .join(' and ')
}

function isGranted({ right }: LackingRight): boolean {
  return right !== 'OWNER' && right !== 'POLICY'
}

function grant(
  rights: readonly string[],
  on: LackingRight['on'],
  { access: { role }, target }: Problem,
): string {
  const object = {
    database: `DATABASE ${sqlName(target.database)}`,
    schema: `SCHEMA ${sqlName(target.revisionsSchema)}`,
    table: tableName(target.revisionsSchema),
  }[on]
  return `GRANT ${rights.join(', ')} ON ${object} TO ${sqlName(role)}`
}

function otherStatement({ right }: LackingRight, { access, target }: Problem): readonly string[] {
  const table = tableName(target.revisionsSchema)
  const role = sqlName(access.role)
  if (right === 'OWNER') return [`ALTER TABLE ${table} OWNER TO ${role}`]
  return right === 'POLICY' ? [`CREATE POLICY atlas ON ${table} TO ${role} USING (true)`] : []
}

function tableName(schema: string): string {
  return `${sqlName(schema)}.${revisionsTable}`
}
