import type { JudgedFinding } from '../enforcement/enforcement.js'
import type { Facts } from '../facts/facts.js'
import type { Rule } from '../facts/finding.js'
import { type HistoryEntry, historyTable } from './history-table.js'
import { type OperatorSteps, operatorSteps } from './operator-step.js'
import { explainSaid, type SaidAnswer } from './said.js'

/** The explanation of one AtlasMigration. Data only; it holds no password and no URL. */
export interface Explanation {
  readonly namespace: string
  readonly name: string
  /** Names the directory, such as `ConfigMap app-migrations`; where it cannot be read, says why. */
  readonly directory: string
  /**
   * Names the revisions table, such as `db:5432/app, schema atlas_schema_revisions`; says why when
   * it is not known.
   */
  readonly table: string
  /** null when nothing can be predicted; `unknown` then says why. */
  readonly operator: OperatorSteps | null
  /** null when the directory or the table is not known. */
  readonly history: readonly HistoryEntry[] | null
  /** The findings, with causes and remedies, the most severe first. */
  readonly findings: readonly JudgedFinding[]
  /** What is not known or was not checked, and why. */
  readonly unknown: readonly string[]
  /**
   * What a given sentence of the operator or Atlas means here. null when no such sentence is known,
   * absent when none was given.
   */
  readonly said?: SaidAnswer | null
}

export interface ExplanationInput {
  readonly facts: Facts
  readonly rules: readonly Rule[]
  readonly judged: readonly JudgedFinding[]
  readonly unknown: readonly string[]
  /** A sentence of the operator or of Atlas that the user wants explained; null for none. */
  readonly said: string | null
}

export function buildExplanation(input: ExplanationInput): Explanation {
  const { facts, rules, judged, unknown, said } = input
  const { namespace = '', name = '' } = facts.migration.metadata
  return {
    namespace,
    name,
    directory: directoryText(facts),
    table: tableText(facts),
    operator: operatorSteps(facts),
    history: historyTable(facts),
    findings: judged.toSorted((a, b) => ranks[a.action] - ranks[b.action]),
    unknown,
    ...(said !== null && { said: explainSaid(said, facts, rules) }),
  }
}

const ranks = { deny: 0, warn: 1, audit: 2 } as const

function directoryText({ directory }: Facts): string {
  switch (directory.kind) {
    case 'none':
      return 'none is named'
    case 'remote':
      return 'in Atlas Cloud, not read here'
    case 'conflicting':
      return 'two are named'
    case 'configmap-missing':
      return `ConfigMap ${directory.name}, which is not there`
    case 'unreadable':
      return `ConfigMap ${directory.name}, which cannot be read`
    default:
      return directory.source === 'local' ? 'spec.dir.local' : `ConfigMap ${directory.name}`
  }
}

function tableText({ target, table }: Facts): string {
  if (target.kind !== 'resolved') return targetTexts[target.kind]
  const { host, port, database, revisionsSchema } = target.target
  const place = host.endsWith(exportedHost)
    ? `exported rows of ${database}`
    : `${host}:${port}/${database}`
  const where = `${place}, schema ${revisionsSchema}`
  if (table.kind === 'failed') return `${where}, which cannot be read`
  if (table.kind === 'unread') return `${where}, which was not read`
  return table.revisions === null ? `${where}, which has no revisions table` : where
}

/** The host that the command line makes up for rows that come from a file. */
const exportedHost = '.rows.invalid'

const targetTexts = {
  none: 'no database is named',
  'custom-config': 'a custom config says, which is not read here',
  unresolved: 'a Secret that the URL needs is not there',
  invalid: 'the URL cannot be read',
} as const
