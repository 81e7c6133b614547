import { proposalLines } from '../../policy/consolidation/consolidation-proposal.js'
import type { Settings } from '../../policy/settings/settings.js'
import { migrationName } from '../../policy/facts/migration-name.js'
import { gravestFirst } from '../../report/parts/severity-order.js'
import type { Report, ReportedGroup, ReportedObject } from '../../report/parts/report.js'
import type { AuditedMigration } from '../../review/audit/audit-all.js'
import type { Verdict } from '../../review/ports/admission.js'
import type { GroupProposal } from '../../review/audit/consolidation-proposals.js'
import type { TableGroups } from '../../review/audit/table-groups.js'
import { describeTable, type TableGroup } from '../../review/audit/table-grouping.js'
import type { AuditChoice } from './choice.js'
import type { AuditedObjects } from './audited-objects.js'
import { findingPlace, objectPlace, placeKey } from '../output/finding-place.js'
import { readVersion } from '../../gate/version.js'
import { reportedProblem } from '../output/reported-problem.js'

/** The findings of an audit, and what it found out about the revisions tables. */
export interface AuditFindings {
  readonly audited: readonly AuditedMigration[]
  readonly tables: TableGroups
  readonly proposals: readonly GroupProposal[]
}

export interface AuditReportInput extends AuditFindings {
  readonly objects: AuditedObjects
  readonly choice: AuditChoice
  readonly settings: Settings
  readonly startedAt: Date
}

/**
 * Builds the report of an audit, for every output format. It goes table by table, and those that
 * need a person come first.
 */
export function buildAuditReport(input: AuditReportInput): Report {
  const { objects, choice, settings, startedAt } = input
  const groups = sortGroups(input)
  const rank = new Map(groups.flat().map(({ migration }, index) => [migration, index]))
  const rankOf = ({ migration }: AuditedMigration) => rank.get(migration) ?? Number.MAX_SAFE_INTEGER
  return {
    command: 'audit',
    version: readVersion(),
    documentationUrl: settings.documentationUrl,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    objects: input.audited
      .toSorted((a, b) => rankOf(a) - rankOf(b))
      .map(found => reportedObject(found, objects)),
    problems: objects.problems.map(reportedProblem),
    groups: groups.map(group => reportedGroup(group, input)),
    notes: notesOf(input, choice),
  }
}

const ranks: Readonly<Record<Verdict, number>> = { fail: 0, error: 1, warn: 2, pass: 3, skip: 4 }

/** Sorts tables by the worst verdict of their users, and the users of each table, too. */
function sortGroups({ tables, audited }: AuditFindings): readonly TableGroup[] {
  const verdicts = new Map(audited.map(({ migration, result }) => [migration, result.verdict]))
  const rankOf = ({ migration }: TableGroup[number]) => ranks[verdicts.get(migration)!]
  const worst = (group: TableGroup) => Math.min(...group.map(rankOf))
  return tables.groups
    .map(group => group.toSorted((a, b) => rankOf(a) - rankOf(b)) as unknown as TableGroup)
    .sort((a, b) => worst(a) - worst(b))
}

function reportedObject(
  { migration, result }: AuditedMigration,
  { places }: AuditedObjects,
): ReportedObject {
  const { namespace, name } = result.object
  const own = places?.objects.get(placeKey('AtlasMigration', migration))
  return {
    kind: 'AtlasMigration',
    namespace,
    name,
    place: own ? objectPlace(own) : null,
    verdict: result.verdict,
    findings: gravestFirst(result.judged).map(judged => ({
      judged,
      place: places && findingPlace(judged.finding, migration, places),
    })),
    undecided: result.undecided,
    unchecked: result.unchecked,
    outlook: result.outlook,
    notices: result.notices,
  }
}

function reportedGroup(group: TableGroup, { proposals, choice }: AuditReportInput): ReportedGroup {
  const { migration } = group[0]
  const own = proposals.find(({ groups }) =>
    groups.some(other => other.some(user => user.migration === migration)),
  )
  return {
    table: describeTable(group),
    migrations: group.map(user => migrationName(user.migration)),
    proposals: own
      ? proposalLines(own.proposal, { sources: own.sources, options: choice.given })
      : [],
  }
}

/**
 * Most AtlasMigrations of unknown tables that are listed. A cluster may have hundreds whose Secret
 * is not read here.
 */
const mostApart = 20

function notesOf({ tables, objects }: AuditReportInput, choice: AuditChoice): readonly string[] {
  const apart = tables.apart.map(
    ({ migration, reason }) => `${migrationName(migration)} is in no group: ${reason}`,
  )
  const [more] = apart.slice(mostApart)
  return [
    ...objects.unreadable.map(line => `cannot be read, and is not judged: ${line}`),
    ...objects.notes,
    ...apart.slice(0, mostApart),
    ...(more === undefined ? [] : [`${apart.length - mostApart} more are in no group`]),
    ...(choice.databases.offline ? [offlineNote] : []),
  ]
}

const offlineNote =
  'offline: no database was asked, so nothing is said about the live revisions tables'
