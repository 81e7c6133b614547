import type { AtlasMigration } from '../../policy/facts/atlas-migration.js'
import { type AuditResult, auditedServer, auditMigration } from './audit-migration.js'
import { buildClusterView } from '../facts/cluster-view.js'
import { ignoreFault } from '../ports/fault.js'
import type { ReviewerDependencies } from '../reviewer.js'
import type { ServerTurns } from '../limits/server-turns.js'
import { withTimeLimit } from '../limits/time-limit.js'

export interface AuditAllOptions {
  readonly turns: ServerTurns
  /** For one AtlasMigration. */
  readonly limitMs: number
  readonly signal: AbortSignal
  /** Called after each. */
  readonly onAudited: (done: number) => void
}

/** An AtlasMigration, and what was found in it. */
export interface AuditedMigration {
  readonly migration: AtlasMigration
  readonly result: AuditResult
}

/** Judges every AtlasMigration of the cluster as it stands, in the order of the cluster. */
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

/** Before the first audit asks for them: each of those that come first would look up all of them. */
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
): Promise<AuditResult> {
  const limit = { ms: limitMs, parent: signal }
  return turns.use(
    () => withTimeLimit(limit, deadline => auditedServer(migration, dependencies, deadline)),
    () => withTimeLimit(limit, deadline => auditMigration(migration, dependencies, deadline)),
  )
}
