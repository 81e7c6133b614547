import { enforce } from '../policy/enforcement/enforcement.js'
import type { AtlasMigration } from '../policy/facts/atlas-migration.js'
import { buildExplanation, type Explanation } from '../policy/explain/explanation.js'
import type { Facts } from '../policy/facts/facts.js'
import { evaluateRules, introduced } from '../policy/enforcement/verdict.js'
import { migrationName } from '../policy/facts/migration-name.js'
import { outsideOperator } from '../policy/enforcement/operator-scope.js'
import { ignoreFault } from './ports/fault.js'
import { buildClusterView } from './facts/cluster-view.js'
import { openQuestions } from './verdict/evaluation.js'
import { gatherFacts } from './facts/facts-gathering.js'
import { KnownDatabases } from './facts/known-databases.js'
import { auditPatience, buildPatience } from './limits/patience.js'
import { PartReads } from './facts/part-reads.js'
import { passing } from './limits/passing.js'
import type { Deadline } from './ports/ports.js'
import type { ReviewerDependencies } from './reviewer.js'
import { TableReads } from './facts/table-reads.js'
import { uncheckedParts } from './verdict/undecided.js'

export interface ExplainedMigration {
  readonly explanation: Explanation
  /** Whether something that a verdict needs could not be read. */
  readonly undecided: boolean
}

/**
 * Reads everything about an AtlasMigration as it stands, and explains it. `said` is a message of
 * the operator to explain as well, or null.
 */
export async function explainMigration(
  { migration, said }: { readonly migration: AtlasMigration; readonly said: string | null },
  { cluster, reader, targets, rules, settings, now, onFault = ignoreFault }: ReviewerDependencies,
  deadline: Deadline,
): Promise<ExplainedMigration> {
  const view = buildClusterView(cluster, deadline)
  const tables = new TableReads(reader, deadline)
  const parts = new PartReads(migrationName(migration), passing(deadline), onFault)
  const gathered = await gatherFacts(migration, {
    view,
    tables,
    targets,
    parts,
    known: new KnownDatabases(reader),
    operator: settings.operator,
    patience: buildPatience(auditPatience),
    turn: async () => {},
    use: tables,
  })
  const facts: Facts = { ...gathered, before: null }
  const findings = introduced(null, evaluateRules(facts, rules))
  const input = { facts, findings, settings, written: null, dryRun: false, now: now() }
  const undecided = openQuestions(facts, parts)
  const unchecked = [...uncheckedParts(facts), ...parts.unchecked()].map(
    part => `${part} is not checked`,
  )
  const outside = outsideOperator(settings.operator, migration.metadata)
  const unknown = [...(outside === null ? [] : [outside]), ...undecided, ...unchecked]
  return {
    explanation: buildExplanation({ facts, rules, judged: enforce(input), unknown, said }),
    undecided: undecided.length > 0,
  }
}
