import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { type MigrationAudit, auditedServer, auditMigration } from './audit-migration.js'
import { buildClusterView } from '../facts/cluster-view.js'
import { ignoreFault } from '../ports/fault.js'
import type { ReviewerDependencies } from '../reviewer.js'
import type { ServerTurns } from '../limits/server-turns.js'
import { withTimeLimit } from '../limits/time-limit.js'

export interface AuditAllOptions {
  readonly turns: ServerTurns
  /** Time limit for auditing one AtlasMigration. */
  readonly limitMs: number
  readonly signal: AbortSignal
  /** Called after each AtlasMigration with the number audited so far. */
  readonly onAudited: (done: number) => void
}

/** An AtlasMigration, and what the audit found in it. */
export interface AuditedMigration {
  readonly migration: AtlasMigration
  readonly result: MigrationAudit
}

/**
 * Audits every AtlasMigration of the cluster as it stands. The results come in the order of the
 * cluster.
 */
export async function auditAll(
  dependencies: ReviewerDependencies,
  options: AuditAllOptions,
): Promise<readonly AuditedMigration[]> {
  await findTargets(dependencies, options)
  let done = 0
  return Promise.all(
    dependencies.cluster.migrations().map(async migration => {
      const result = await auditInTurn(migration, dependencies, options)
      done += 1
      options.onAudited(done)
      return { migration, result }
    }),
  )
}

/**
 * Finds the database of every AtlasMigration before the first audit needs them. Otherwise each of
 * the audits that start together would look up all of them.
 */
function findTargets(
  { cluster, targets, onFault = ignoreFault }: ReviewerDependencies,
  { limitMs, signal }: AuditAllOptions,
): Promise<unknown> {
  const noTable = { dialect: 'other', database: '', revisionsSchema: '' } as const
  return withTimeLimit({ ms: limitMs, parent: signal }, deadline =>
    targets.candidates(noTable, buildClusterView(cluster, deadline)),
  ).catch((error: unknown) => onFault({ part: 'audit', where: 'the targets of all', error }))
}

function auditInTurn(
  migration: AtlasMigration,
  dependencies: ReviewerDependencies,
  { turns, limitMs, signal }: AuditAllOptions,
): Promise<MigrationAudit> {
  const limit = { ms: limitMs, parent: signal }
  return turns.use(
    () => withTimeLimit(limit, deadline => auditedServer(migration, dependencies, deadline)),
    () => withTimeLimit(limit, deadline => auditMigration(migration, dependencies, deadline)),
  )
}
