import type { Outlook } from '../../policy/explain/outlook.js'
import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import type { JudgedFinding } from '../../policy/enforcement/enforcement.js'
import type { Facts } from '../../policy/facts/facts.js'
import { namespaceEnforcement } from '../../policy/enforcement/namespace-enforcement.js'
import { revisionTableShared } from '../../policy/rules/revision-table-shared.js'
import type { Mode, Settings } from '../../policy/settings/settings.js'
import {
  proposalSentence,
  sharedTableProposal,
} from '../../policy/consolidation/shared-table-proposal.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import type { Verdict } from '../ports/admission.js'
import { buildClusterView } from '../facts/cluster-view.js'
import {
  conclude,
  unreconciled,
  type Evaluation,
  type EvaluationContext,
  judge,
} from '../verdict/evaluation.js'
import { Turns } from '../verdict/turns.js'
import { faultReason, ignoreFault } from '../ports/fault.js'
import { KnownDatabases } from '../facts/known-databases.js'
import { auditPatience, buildPatience } from '../limits/patience.js'
import { PartReads } from '../facts/part-reads.js'
import { passing } from '../limits/passing.js'
import type { Cluster, Deadline } from '../ports/ports.js'
import type { ReviewerDependencies } from '../reviewer.js'
import { TableReads } from '../facts/table-reads.js'
import { type ResolvedTarget, resolveTarget, unresolved } from '../facts/target-resolution.js'

/**
 * How an audit names an AtlasMigration. `uid` is empty where objects have none, as in a folder of
 * manifests.
 */
export interface AuditedObject {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** What an audit found in one AtlasMigration as it stands. */
export interface MigrationAudit {
  readonly object: AuditedObject
  /**
   * fail: some finding would be denied if the object were new. error: not everything could be
   * judged.
   */
  readonly verdict: Verdict
  /**
   * The findings as under mode `enforce`. A namespace's mode decides what an admission does about a
   * finding, not whether it is one.
   */
  readonly judged: readonly JudgedFinding[]
  /** The mode of the object's namespace, for outputs that are silent where an admission is. */
  readonly mode: Mode
  /**
   * Remarks that are no findings, for example on the override annotation, or on what a custom
   * atlas.hcl leaves unchecked.
   */
  readonly notices: readonly string[]
  /** Why the verdict is incomplete; empty when it is not. */
  readonly undecided: readonly string[]
  /** What this version of the program does not check. */
  readonly unchecked: readonly string[]
  /** The files that the operator would run now; null for none, and where that is not known. */
  readonly outlook: Outlook | null
  /**
   * For an AtlasMigration whose revisions table others use too: one sentence on whether their
   * directories can become one as they are. The finding has it as well. null when there is nothing
   * to propose.
   */
  readonly proposal: string | null
}

/**
 * Judges an AtlasMigration as it stands, by the rules and settings of an admission. There is no
 * earlier state to compare with, so a finding weighs as much as on a new object, whoever caused it.
 */
export async function auditMigration(
  migration: AtlasMigration,
  dependencies: ReviewerDependencies,
  deadline: Deadline,
): Promise<MigrationAudit> {
  const object = auditedObject(migration)
  const { mode } = namespaceEnforcement(dependencies.settings, object.namespace)
  const nothing = {
    object,
    mode,
    judged: [],
    notices: [],
    undecided: [],
    unchecked: [],
    outlook: null,
    proposal: null,
  }
  // The object is about to go, and what it refers to may be gone already.
  if (migration.metadata.deletionTimestamp) return { ...nothing, verdict: 'skip' }
  // An error with one object must not end the audit of the others.
  const [evaluated] = await Promise.allSettled([
    evaluateAsStored(migration, dependencies, deadline),
  ])
  if (evaluated.status === 'rejected') {
    const { onFault = ignoreFault } = dependencies
    onFault({ part: 'audit', where: migrationName(migration), error: evaluated.reason })
    return { ...nothing, verdict: 'error', undecided: [faultReason] }
  }
  const evaluation = evaluated.value
  const { affected: _affected, ...found } = evaluation
  return { object, mode, ...found, verdict: verdictOf(evaluation) }
}

/**
 * `host:port` of the database server that an audit of the object will ask; null when there is none,
 * or it is not known.
 */
export async function auditedServer(
  migration: AtlasMigration,
  { cluster, onFault = ignoreFault }: ReviewerDependencies,
  deadline: Deadline,
): Promise<string | null> {
  const parts = new PartReads(migrationName(migration), passing(deadline), onFault)
  const { facts } = await parts.read<ResolvedTarget>({
    name: 'the database URL',
    read: () => resolveTarget(buildClusterView(cluster, deadline), migration),
    fallback: () => unresolved,
  })
  return facts.kind === 'resolved' ? `${facts.target.host}:${facts.target.port}` : null
}

/**
 * The result under which a finding is counted and reported: `fail` for one that an admission would
 * deny.
 */
export function resultOf(found: JudgedFinding): 'fail' | 'warn' {
  return found.action === 'deny' ? 'fail' : 'warn'
}

export function auditedObject({ metadata }: AtlasMigration): AuditedObject {
  const { namespace = '', name = '', uid = '' } = metadata
  return { namespace, name, uid }
}

interface AuditEvaluation extends Evaluation {
  readonly proposal: string | null
}

async function evaluateAsStored(
  migration: AtlasMigration,
  dependencies: ReviewerDependencies,
  deadline: Deadline,
): Promise<AuditEvaluation> {
  const { cluster, reader, targets, rules, settings, now, onFault = ignoreFault } = dependencies
  const affected = { before: null, after: { migration, write: null }, unchanged: false }
  const context: EvaluationContext = {
    view: buildClusterView(cluster, deadline),
    tables: new TableReads(reader, { ...deadline, background: true }, dependencies.room),
    targets,
    rules,
    settings: asEnforced(settings),
    written: null,
    dryRun: false,
    now: now(),
    passed: passing(deadline),
    onFault,
    turns: dependencies.turns ?? new Turns(),
    known: dependencies.known ?? new KnownDatabases(reader),
    patience: buildPatience(auditPatience),
  }
  const unseen = unreconciled(affected, settings)
  if (unseen !== null) return { ...unseen, proposal: null }
  const judgement = await judge(affected, context)
  const evaluation = conclude(affected, judgement, context)
  const shared = evaluation.judged.find(isSharedTable)
  const proposal = shared ? sharedTableProposal(judgement.facts) : null
  if (proposal === null) return { ...evaluation, proposal: null }
  const sentence = proposalSentence(proposal, usersElsewhere(judgement.facts, cluster))
  const judged = evaluation.judged.map(found =>
    found === shared ? withProposal(found, sentence) : found,
  )
  return { ...evaluation, judged, proposal: sentence }
}

/**
 * Names of the other AtlasMigrations that use a directory of a shared revisions table. A ConfigMap
 * can be used only within its namespace.
 */
function usersElsewhere(
  { migration, sharing }: Facts,
  cluster: Pick<Cluster, 'migrationsOfConfigMap'>,
): readonly string[] {
  const own = { ...auditedObject(migration), configMap: migration.spec.dir?.configMapRef?.name }
  const users = [own, ...sharing]
  const here = new Set(users.map(({ namespace, name }) => `${namespace}/${name}`))
  const all = users.flatMap(({ namespace, configMap }) =>
    configMap ? cluster.migrationsOfConfigMap(namespace, configMap) : [],
  )
  const names = all.map(migrationName)
  return [...new Set(names)].filter(name => !here.has(name))
}

/**
 * Whether the finding is of a table shared with other files. It has a milder severity of its own
 * where one directory holds the other.
 */
function isSharedTable({ rule, finding }: JudgedFinding): boolean {
  return rule.id === revisionTableShared.id && finding.severity === undefined
}

function withProposal(found: JudgedFinding, sentence: string): JudgedFinding {
  const { finding } = found
  return { ...found, finding: { ...finding, remedy: `${finding.remedy}; ${sentence}` } }
}

function asEnforced(settings: Settings): Settings {
  const namespaces = settings.namespaces.map(override => ({
    ...override,
    mode: 'enforce' as const,
  }))
  return { ...settings, mode: 'enforce', namespaces }
}

function verdictOf({ judged, undecided }: Evaluation): Verdict {
  if (judged.some(found => resultOf(found) === 'fail')) return 'fail'
  if (undecided.length > 0) return 'error'
  return judged.length > 0 ? 'warn' : 'pass'
}
