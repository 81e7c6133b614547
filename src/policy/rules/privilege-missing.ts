import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { grantStatements, nameRights } from '../outcome/grants.js'
import { type RefusedUse, refusedUses } from '../objects/lacking-rights.js'
import { nameUse } from '../objects/pending-objects.js'
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
  const role = facts.table.kind === 'read' ? facts.table.access?.role : undefined
  const refused = role === undefined ? [] : refusedUses(facts, role)
  if (problem === null) return filesFinding(refused)
  const finding = tableFinding(problem)
  // Once the table is repaired, the files would be next.
  const others = refused.filter(({ remedy }) => remedy !== finding.remedy)
  return { ...finding, details: [...finding.details, ...linesOf(others)] }
}

/** What a file does is only warned of: an earlier file may have another effect than its text shows. */
function filesFinding(refused: readonly RefusedUse[]): Finding | null {
  const [first, ...others] = refused
  if (first === undefined) return null
  const { at } = first.known
  return {
    found: `${at.file} ${first.because}: it fails`,
    expected: '',
    remedy: first.remedy,
    field: 'spec.url',
    subjects: refused.map(({ known }) => nameUse(known)),
    severity: 'warn',
    details: [
      ...linesOf(others),
      'Or let the URL name a role that may (`?role=...`), or the file, with SET ROLE',
    ],
    at,
  }
}

/** Most refusals that are told. After a restore every table may belong to another role. */
const shown = 8

function linesOf(refused: readonly RefusedUse[]): readonly string[] {
  const lines = refused
    .slice(0, shown)
    .map(({ known, because, remedy }) => `Also: ${known.at.file} ${because}; ${remedy}`)
  const rest = refused.length - lines.length
  return rest === 0 ? lines : [...lines, `... and ${rest} more`]
}

function tableFinding(problem: TableRightsProblem) {
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
