import { defaultSettings } from '../../policy/settings/default-settings.js'
import { proposalLines } from '../../policy/consolidation/consolidation-proposal.js'
import { sanitizeText } from '../../policy/text/sanitize-text.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import {
  type GroupProposal,
  proposeConsolidations,
} from '../../review/audit/consolidation-proposals.js'
import { ServerTurns } from '../../review/limits/server-turns.js'
import { describeTable } from '../../review/audit/table-grouping.js'
import {
  findTableGroups,
  type TableGroups,
  type TableSources,
} from '../../review/audit/table-groups.js'
import type { Arguments } from '../line/arguments.js'
import { auditedOf, parseReadingChoice, type ReadingChoice } from '../audit/choice.js'
import { type AuditAdapters, openAudited } from '../audit/audited-objects.js'
import { parseClusterChoice } from '../input/cluster-choice.js'
import { limitsAt } from '../input/database-limits.js'
import { interruptible } from '../line/interruptible.js'
import { ManifestsError } from '../input/manifests-error.js'
import { listMistakes } from '../../report/parts/mistake-list.js'
import type { Output } from '../output/output.js'
import type { Progress } from '../output/progress.js'
import { interruptedExitCode } from '../line/stop-signal.js'
import { UsageError } from '../line/usage-error.js'

/**
 * One server has connections for others too, and all that is read at a time has to fit into memory.
 */
const pace = { perServer: 2, total: 16 }

/**
 * Runs `consolidate --check`: proposes which directories of a cluster should become one, and says
 * whether they can as they are. Resolves to the exit code: 0 when all can, or none should; 1 when
 * some cannot; 2 when some cannot be told.
 */
export async function runConsolidationCheck(
  args: Arguments,
  adapters: AuditAdapters,
  { output, progress }: { readonly output: Output; readonly progress: Progress },
): Promise<number> {
  const choice = parseCheck(args)
  return interruptible(async signal => {
    try {
      const found = await propose(choice, adapters, { progress, signal })
      if (signal.aborted) return interruptedExitCode
      progress.end()
      for (const line of describe(found, choice)) output.print(line)
      return codeOf(found)
    } finally {
      progress.end()
    }
  })
}

function parseCheck(args: Arguments): ReadingChoice {
  const [operand] = [...args.operands, ...args.values('source')]
  if (operand !== undefined)
    throw new UsageError(
      `--check takes no SOURCE, found "${operand}": it looks at every AtlasMigration of --manifests or --kubernetes`,
    )
  const audited = auditedOf(parseClusterChoice(args))
  return parseReadingChoice(args, { audited, concurrency: pace.perServer })
}

interface Found {
  readonly tables: TableGroups
  readonly proposals: readonly GroupProposal[]
  readonly unreadable: readonly string[]
}

async function propose(
  choice: ReadingChoice,
  adapters: AuditAdapters,
  run: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<Found> {
  const reader = adapters.buildReader({
    limits: limitsAt(choice.audited, defaultSettings.database),
    onFailure: () => {},
  })
  try {
    const objects = await openAudited(choice, { adapters, reader, ...run })
    try {
      // A check before a consolidation must not overlook the objects of a broken file.
      failOnProblems(objects.problems)
      const sources: TableSources = {
        ...objects,
        turns: new ServerTurns(pace),
        limitMs: choice.pace.limitMs,
        signal: run.signal,
      }
      run.progress.step('finding the revisions tables')
      const tables = await findTableGroups(sources)
      run.progress.step('reading files and rows')
      const proposals = await proposeConsolidations(tables.groups, sources, {
        isSuspect: () => true,
      })
      return { tables, proposals, unreadable: objects.unreadable }
    } finally {
      objects.close()
    }
  } finally {
    await reader.close()
  }
}

function failOnProblems(
  problems: readonly { file: string; line: number; column: number; message: string }[],
): void {
  if (problems.length === 0) return
  const lines = problems.map(
    ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
  )
  throw new ManifestsError(`the manifests cannot be used\n${listMistakes(lines)}`)
}

function describe({ tables, proposals, unreadable }: Found, choice: ReadingChoice) {
  const left = [
    ...unreadable,
    ...tables.apart.map(({ migration, reason }) => `${migrationName(migration)}: ${reason}`),
  ]
  const count = tables.groups.length
  const found = proposals.flatMap(proposal => [...describeProposal(proposal, choice), ''])
  return [
    ...found,
    ...left.map(line => sanitizeText(`not looked at: ${line}`)),
    `${count} revisions ${count === 1 ? 'table' : 'tables'}: ${summary(proposals)}`,
  ]
}

function describeProposal(
  { groups, sources, proposal, hasNamesakes }: GroupProposal,
  { given }: ReadingChoice,
): readonly string[] {
  return [
    ...groups.map(group => {
      const users = group.map(({ migration }) => migrationName(migration))
      return sanitizeText(`${describeTable(group)}, used by ${users.join(', ')}`)
    }),
    `  directories: ${sanitizeText(sources.join(', '))}`,
    ...(hasNamesakes ? namesakeLines : []),
    ...proposalLines(proposal, { sources, options: given }).map(line => `  ${sanitizeText(line)}`),
  ]
}

const namesakeLines = [
  '  other files under the same versions: what one ran never runs for the other, which is Ready all the same',
  '  to keep them apart, give the one that did not run a spec.revisionsSchema of its own and, from its first reconcile on, a first, empty file as its spec.baseline',
]

function summary(proposals: readonly GroupProposal[]): string {
  if (proposals.length === 0) return 'none has the rows of several directories'
  const count = (kind: GroupProposal['proposal']['kind']) =>
    proposals.filter(({ proposal }) => proposal.kind === kind).length
  return [
    `${count('possible')} can be consolidated as they stand`,
    `${count('refused')} cannot`,
    `${count('undecided')} cannot be told`,
  ].join(', ')
}

/**
 * The exit code. What could not be read has no proposal, so it counts as something that cannot be
 * told.
 */
function codeOf({ proposals, unreadable }: Found): 0 | 1 | 2 {
  const kinds = proposals.map(({ proposal }) => proposal.kind)
  if (kinds.includes('refused')) return 1
  return kinds.includes('undecided') || unreadable.length > 0 ? 2 : 0
}
