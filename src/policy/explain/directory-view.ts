import { buildDirectory } from '../../atlas/directory/directory.js'
import type { Prediction } from '../../atlas/engine/operator.js'
import { revisionsTable } from '../../atlas/engine/revision.js'
import { rules } from '../rules/catalogue.js'
import type { ExecutionOrder } from '../facts/atlas-migration.js'
import type { TableExport } from '../facts/exported-table.js'
import type { DirectoryFacts, Facts, Target } from '../facts/facts.js'
import { unknownOperator } from '../facts/facts.js'
import { predictOperator } from '../facts/operator-prediction.js'
import { type Outlook, outlookOf } from './outlook.js'
import { evaluateRules, introduced, type IntroducedFinding } from '../enforcement/verdict.js'

export interface DirectoryViewInput {
  /** Text by file name, with atlas.sum among them. */
  readonly data: Readonly<Record<string, string>>
  readonly execOrder: ExecutionOrder
  /** null when there was no database before. */
  readonly from: TableExport | null
  readonly to: TableExport
}

/**
 * What an admission would say of an AtlasMigration with this directory when its URL is moved from
 * one database to the other.
 */
export interface DirectoryView {
  /**
   * null when there is no such table, or the operator stops before it plans ("ambiguous revision
   * table").
   */
  readonly from: Prediction | null
  readonly to: Prediction | null
  /** The files that the operator would run now on either side; null for none. */
  readonly outlooks: { readonly from: Outlook | null; readonly to: Outlook | null }
  /** Findings of the rules on the directory and the table. */
  readonly findings: readonly IntroducedFinding[]
}

/**
 * Runs the rules of an admission on both tables. The verdict is the same as the one on the real
 * move.
 */
export function viewThroughDirectory(input: DirectoryViewInput): DirectoryView {
  // Both sides use the same object, so that the directory is hashed once.
  const view = { ...input, directory: directoryFacts(input.data) }
  const before = input.from && buildFacts(input.from, view)
  const facts: Facts = { ...buildFacts(input.to, view), before }
  const found = (side: Facts) => evaluateRules(side, rulesOnTables)
  return {
    from: before?.prediction ?? null,
    to: facts.prediction,
    outlooks: { from: before && outlookOf(before), to: outlookOf(facts) },
    findings: introduced(before && found(before), found(facts)),
  }
}

/** The other rules are about fields of an object, and there is none here. */
const rulesOnTables = rules.filter(({ evidence }) => ['content', 'database'].includes(evidence))

function buildFacts(
  side: TableExport,
  {
    directory,
    execOrder,
    from,
  }: DirectoryViewInput & {
    readonly directory: DirectoryFacts
  },
): Facts {
  const spec = { dir: { configMapRef: { name: '' } }, execOrder }
  const { table } = side
  // The status as the operator left it at FROM.
  const lastRun = from?.table.revisions?.at(-1)
  return {
    migration: {
      metadata: { namespace: '', name: '' },
      spec,
      ...(lastRun !== undefined && { status: { lastAppliedVersion: lastRun.version } }),
    },
    directory,
    missing: [],
    target: { kind: 'resolved', target: targetOf(side) },
    devTarget: { kind: 'none' },
    config: { kind: 'none' },
    operator: unknownOperator,
    table,
    // What the operator stored of the directory is not known, and does not decide here.
    dirState: { kind: 'unread' },
    sharing: [],
    alike: { names: [], elsewhere: 0 },
    prediction: predictOperator({ spec, directory, table }),
    before: null,
  }
}

function directoryFacts(data: Readonly<Record<string, string>>): DirectoryFacts {
  return {
    kind: 'read',
    source: 'configmap',
    name: '',
    data,
    binaryKeys: [],
    directory: buildDirectory(data),
  }
}

/** The identity of its server tells a database from another. Addresses are not in an export. */
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
