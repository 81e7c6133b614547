import { buildDirectory, directoryOf } from '../../atlas/directory.js'
import { predict, type Prediction } from '../../atlas/operator.js'
import { revisionsTable } from '../../atlas/revision.js'
import { rules } from '../catalogue.js'
import type { ExecutionOrder } from '../atlas-migration.js'
import type { TableExport } from '../exported-table.js'
import type { DirectoryFacts, DirStateFacts, Facts, Target } from '../facts.js'
import { evaluateRules, introduced, type IntroducedFinding } from '../verdict.js'

export interface DirectoryViewInput {
  /** Keys are file names; atlas.sum among them. */
  readonly data: Readonly<Record<string, string>>
  readonly execOrder: ExecutionOrder
  /** null: there was nothing before. */
  readonly from: TableExport | null
  readonly to: TableExport
}

/** What the gate would say of an AtlasMigration with this directory whose URL is switched from one table to the other. */
export interface DirectoryView {
  /** null: there is no such table, or the operator stops before it plans ("ambiguous revision table"). */
  readonly from: Prediction | null
  readonly to: Prediction | null
  /** Of the rules on directory and table. */
  readonly findings: readonly IntroducedFinding[]
}

/** Runs the gate's own rules on both tables: the same verdict as at the admission of the switch. */
export function viewThroughDirectory(input: DirectoryViewInput): DirectoryView {
  const before = input.from && buildFacts(input.from, input)
  const facts: Facts = { ...buildFacts(input.to, input), before }
  const found = (side: Facts) => evaluateRules(side, rulesOnTables)
  return {
    from: before?.prediction ?? null,
    to: facts.prediction,
    findings: introduced(before && found(before), found(facts)),
  }
}

/** The others are about an object's fields, of which nothing is known here. */
const rulesOnTables = rules.filter(({ evidence }) => ['content', 'database'].includes(evidence))

function buildFacts(side: TableExport, { data, execOrder, from }: DirectoryViewInput): Facts {
  const directory = directoryFacts(data)
  return {
    migration: {
      metadata: { namespace: '', name: '' },
      spec: { dir: { configMapRef: { name: '' } }, execOrder },
    },
    directory,
    missing: [],
    target: { kind: 'resolved', target: targetOf(side) },
    devTarget: { kind: 'none' },
    config: { kind: 'none' },
    table: side.table,
    dirState: dirStateAt(from, directory),
    sharing: [],
    prediction: predictOperator(side, { data, execOrder }),
    before: null,
  }
}

type ReadDirectory = Extract<DirectoryFacts, { readonly kind: 'read' }>

function directoryFacts(data: Readonly<Record<string, string>>): ReadDirectory {
  return {
    kind: 'read',
    source: 'configmap',
    name: '',
    data,
    binaryKeys: [],
    directory: buildDirectory(data),
  }
}

/** What the operator stored at FROM: it ran the files that have rows there. */
function dirStateAt(from: TableExport | null, { directory }: ReadDirectory): DirStateFacts {
  if (from === null) return { kind: 'unread' }
  const ran = new Set(from.table.revisions?.map(row => row.version))
  const files = directory.files.filter(file => ran.has(file.version))
  return { kind: 'read', directory: directoryOf(files, null) }
}

/** The server's identity tells two databases apart; their addresses are not in an export. */
function targetOf({ table, database, boundSchema, revisionsSchema }: TableExport): Target {
  return {
    dialect: 'postgres',
    host: table.identity.system,
    port: 0,
    database,
    boundSchema,
    revisionsSchema: revisionsSchema ?? revisionsTable,
    fromSecret: true,
    fingerprint: `${table.identity.system}/${table.identity.database}`,
  }
}

function predictOperator(
  { table }: TableExport,
  { data, execOrder }: Pick<DirectoryViewInput, 'data' | 'execOrder'>,
): Prediction | null {
  if (table.ambiguous) return null
  return predict({
    data,
    directory: buildDirectory(data),
    state: { revisions: table.revisions, notClean: table.notClean },
    options: { execOrder, baseline: '', allowDirty: false },
    dialect: 'postgres',
  })
}
