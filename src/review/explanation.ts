import { enforce } from '../policy/enforcement.js'
import type { AtlasMigration } from '../policy/atlas-migration.js'
import { buildExplanation, type Explanation } from '../policy/explanation.js'
import type { Facts } from '../policy/facts.js'
import { evaluateRules, introduced } from '../policy/verdict.js'
import { migrationName } from '../policy/migration-name.js'
import { ignoreFault } from './fault.js'
import { buildClusterView } from './cluster-view.js'
import { openQuestions } from './evaluation.js'
import { gatherFacts } from './facts-gathering.js'
import { KnownDatabases } from './known-databases.js'
import { auditPatience, buildPatience } from './patience.js'
import { PartReads } from './part-reads.js'
import { passing } from './passing.js'
import type { Deadline } from './ports.js'
import type { ReviewerDependencies } from './reviewer.js'
import { TableReads } from './table-reads.js'
import { uncheckedParts } from './undecided.js'

export interface ExplainedMigration {
  readonly explanation: Explanation
  /** Something that a verdict needs could not be read. */
  readonly undecided: boolean
}

/** Reads everything about an AtlasMigration as it stands, and says what it means; `said` as for buildExplanation. */
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
    patience: buildPatience(auditPatience),
  })
  const facts: Facts = { ...gathered, before: null }
  const findings = introduced(null, evaluateRules(facts, rules))
  const input = { facts, findings, settings, written: null, dryRun: false, now: now() }
  const undecided = openQuestions(facts, parts)
  const unchecked = [...uncheckedParts(facts), ...parts.unchecked()].map(
    part => `${part} is not checked`,
  )
  const unknown = [...undecided, ...unchecked]
  return {
    explanation: buildExplanation({ facts, rules, judged: enforce(input), unknown, said }),
    undecided: undecided.length > 0,
  }
}
