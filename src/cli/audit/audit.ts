import { ruleIds, rules } from '../../policy/rules/catalogue.js'
import type { Settings } from '../../policy/settings/settings.js'
import type { Report } from '../../report/parts/report.js'
import { auditAll, type AuditedMigration } from '../../review/audit/audit-all.js'
import { proposeConsolidations } from '../../review/audit/consolidation-proposals.js'
import { KnownDatabases } from '../../review/facts/known-databases.js'
import { ServerTurns } from '../../review/limits/server-turns.js'
import type { TableUser } from '../../review/audit/table-grouping.js'
import { findTableGroups, type TableSources } from '../../review/audit/table-groups.js'
import { TargetIndex } from '../../review/facts/target-index.js'
import { type AuditChoice, parseAuditChoice } from './choice.js'
import { type AuditFindings, buildAuditReport } from './report.js'
import type { Arguments } from '../line/arguments.js'
import { type AuditAdapters, type AuditedObjects, openAudited } from './audited-objects.js'
import { answerCode } from '../check/answer.js'
import { limitsAt } from '../input/database-limits.js'
import { interruptible } from '../line/interruptible.js'
import type { Output } from '../output/output.js'
import type { Progress } from '../output/progress.js'
import { readSettings } from '../../gate/settings-file.js'
import { interruptedExitCode } from '../line/stop-signal.js'
import { writeReports } from '../output/write-reports.js'

export interface AuditScreen {
  readonly output: Output
  readonly progress: Progress
}

/** Audits everything as it stands and writes the report. Resolves to the exit code. */
export async function audit(
  args: Arguments,
  adapters: AuditAdapters,
  { output, progress }: AuditScreen,
): Promise<number> {
  const choice = parseAuditChoice(args)
  return interruptible(async signal => {
    try {
      const { report, unreadable } = await runAudit(choice, adapters, { progress, signal })
      // An audit that was interrupted has no complete answer.
      if (signal.aborted) return interruptedExitCode
      progress.end()
      await writeReports(report, { choices: choice.formats, output })
      const code = answerCode(report, choice.failOn)
      return code === 0 && unreadable ? 2 : code
    } finally {
      progress.end()
    }
  })
}

export interface AuditOutcome {
  readonly report: Report
  /** Whether some AtlasMigrations of the cluster could not be read. */
  readonly unreadable: boolean
}

interface AuditRun {
  readonly progress: Progress
  readonly signal: AbortSignal
}

/** @throws CodedError for an argument that cannot be used */
export async function runAudit(
  choice: AuditChoice,
  adapters: AuditAdapters,
  run: AuditRun,
): Promise<AuditOutcome> {
  const startedAt = new Date()
  const settings = await readSettings(choice.policy, ruleIds)
  const reader = adapters.buildReader({
    limits: limitsAt(choice.audited, settings.database),
    onFailure: () => {},
  })
  try {
    const objects = await openAudited(choice, { adapters, reader, ...run })
    try {
      const found = await judge(objects, { choice, settings, ...run })
      const report = buildAuditReport({ ...found, objects, choice, settings, startedAt })
      return { report, unreadable: objects.unreadable.length > 0 }
    } finally {
      objects.close()
    }
  } finally {
    await reader.close()
  }
}

interface JudgeContext extends AuditRun {
  readonly choice: AuditChoice
  readonly settings: Settings
}

/**
 * AtlasMigrations audited at a time, over all servers. Each takes at most one connection, and
 * memory for its files and rows.
 */
const totalAtOnce = 16

async function judge(
  { cluster, reader }: AuditedObjects,
  { choice: { pace }, settings, progress, signal }: JudgeContext,
): Promise<AuditFindings> {
  const turns = new ServerTurns({ total: totalAtOnce, perServer: pace.concurrency })
  const sources: TableSources = { cluster, reader, turns, limitMs: pace.limitMs, signal }
  const total = cluster.migrations().length
  progress.step('finding the revisions tables')
  const tables = await findTableGroups(sources)
  progress.step(`judging ${total} AtlasMigrations`)
  // This clock stands still, so what is found once holds for the whole audit.
  const targets = new TargetIndex({ now: () => 0, budgetMs: Infinity })
  const known = new KnownDatabases(reader)
  const dependencies = { cluster, reader, targets, known, rules, settings, now: () => new Date() }
  const audited = await auditAll(dependencies, {
    ...sources,
    onAudited: done => progress.count(done, total),
  })
  progress.step('looking for directories that should become one')
  const suspects = new Set(audited.filter(isSuspect).map(({ migration }) => migration))
  const proposals = await proposeConsolidations(tables.groups, sources, {
    isSuspect: ({ migration }: TableUser) => suspects.has(migration),
  })
  return { audited, tables, proposals }
}

/** Ids of the rules whose findings can come from rows of another directory. */
const signs: ReadonlySet<string> = new Set([
  'revision-table-several-directories',
  'applied-file-missing',
  'migrate-down-predicted',
  'migrate-down-unsafe',
  'migrate-down-intended',
])

function isSuspect({ result }: AuditedMigration): boolean {
  return result.judged.some(({ rule }) => signs.has(rule.id))
}
