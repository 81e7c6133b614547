import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { grantStatements, nameRights } from '../outcome/grants.js'
import { tableRightsProblem, type TableRightsProblem } from '../outcome/table-rights.js'

export const privilegeMissing: Rule = {
  id: 'privilege-missing',
  title:
    'The role of the URL lacks a right: to make, read or write the revisions table, or to change what a pending file changes.',
  why: 'The operator fails at every attempt until somebody grants the right. Without its revisions table it runs no file at all.',
  severity: 'deny',
  evidence: 'database',
  since: '0.2.0',
  order: 4165,
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const problem = tableRightsProblem(facts)
  return problem && tableFinding(problem)
}

function tableFinding(problem: TableRightsProblem): Finding {
  const { access, lacking, target, says } = problem
  const makes = lacking.some(({ right }) => right === 'CREATE')
  return {
    found: `${describe(problem)}: the operator cannot ${makes ? 'make' : 'use'} its revisions table and fails`,
    expected: '',
    remedy: `run ${grantStatements(problem)}`,
    field: 'spec.url',
    subjects: lacking.map(
      ({ right, on }) =>
        `${access.role}: ${right} on ${on} of ${target.database}/${target.revisionsSchema}`,
    ),
    details: [`Atlas would say: ${says}`, ...advice(problem)],
  }
}

function describe(problem: TableRightsProblem): string {
  const { access, lacking } = problem
  const role = `role ${access.role}`
  if (lacking.some(({ right }) => right === 'OWNER'))
    return `the revisions table lacks a column, and ${role} is not its owner`
  if (lacking.some(({ right }) => right === 'POLICY'))
    return `row level security keeps ${role} from the rows`
  return `${role} lacks ${nameRights(problem)}`
}

function advice({ lacking, access, target }: TableRightsProblem): readonly string[] {
  if (lacking.some(({ right }) => right === 'OWNER'))
    return ['Atlas adds the column before it reads, which only the owner of the table may do']
  if (!lacking.some(({ right }) => right === 'CREATE'))
    return ['Run it as the owner of the table, or as a superuser']
  const owner = lacking[0]?.on === 'database' ? 'the database' : `schema ${target.revisionsSchema}`
  return [
    `Run it as the owner of ${owner}, or as a superuser`,
    `Or set spec.revisionsSchema to an empty schema that ${access.role} owns`,
  ]
}
