import { harmlessJson } from '../../policy/text/harmless-text.js'
import { sanitizeText } from '../../policy/text/sanitize-text.js'
import type { Rule, Severity } from '../../policy/facts/finding.js'
import { findingLines, objectName, rulePage } from '../parts/finding-text.js'
import type { Report, ReportedFinding, ReportedObject } from '../parts/report.js'
import { fingerprint } from './sarif-fingerprint.js'
import { objectLocation, placeLocation, withPlace } from './sarif-location.js'
import { worstFirst } from '../parts/severity-order.js'

/**
 * SARIF 2.1.0, as code scanning of GitHub, Azure DevOps and viewers in editors read it. It lists
 * the rules that found something. What could not be decided or read is a notification, and the
 * invocation then did not succeed. No line break at the end. Source:
 * docs.oasis-open.org/sarif/sarif/v2.1.0
 */
export function formatSarif(report: Report): string {
  return harmlessJson(JSON.stringify(buildLog(report), null, 2))
}

function buildLog(report: Report) {
  const found = worstFirst(report).flatMap(object =>
    object.findings.map(entry => ({ object, ...entry })),
  )
  const rules = [...new Map(found.map(({ judged: { rule } }) => [rule.id, rule])).values()]
  const ids = rules.map(({ id }) => id)
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'atlas-admission',
            version: report.version,
            rules: rules.map(rule => describeRule(rule, report)),
            notifications: Object.entries(notificationTexts).map(([id, text]) => ({
              id,
              shortDescription: { text },
            })),
          },
        },
        automationDetails: { id: `atlas-admission/${report.command}/` },
        columnKind: 'utf16CodeUnits',
        invocations: [invocation(report)],
        results: found.map(entry => result(entry, ids)),
      },
    ],
  }
}

const levels: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  deny: 'error',
  warn: 'warning',
  audit: 'note',
}

function describeRule({ id, title, why, severity, evidence }: Rule, report: Report) {
  const page = rulePage(report, id)
  const link = page === null ? '' : `\n\n[${id}](${page})`
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: `${title} ${why}`, markdown: `**${title}**\n\n${why}${link}` },
    ...(page !== null && { helpUri: page }),
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: ['atlas', 'kubernetes', evidence] },
  }
}

type Found = ReportedFinding & { readonly object: ReportedObject }

function result({ judged, place, object }: Found, ids: readonly string[]) {
  return {
    ruleId: judged.rule.id,
    ruleIndex: ids.indexOf(judged.rule.id),
    level: levels[judged.action],
    message: { text: `${objectName(object)}: ${findingLines(judged).join('\n')}` },
    locations: [withPlace(objectLocation(object), place ?? object.place)],
    partialFingerprints: { 'atlasAdmission/v1': fingerprint(judged) },
    ...suppression(judged),
  }
}

/**
 * SARIF's form of a finding that somebody has accepted: by the policy, or by an annotation of the
 * object.
 */
function suppression({ cause, reason }: ReportedFinding['judged']) {
  if (cause !== 'exempted' && cause !== 'overridden') return {}
  const kind = cause === 'exempted' ? 'external' : 'inSource'
  return {
    suppressions: [{ kind, status: 'accepted', justification: sanitizeText(reason) }],
  }
}

const notificationTexts = {
  'cannot-decide': 'The verdict on an AtlasMigration is incomplete',
  'input-problem': 'A part of the input cannot be used',
  'not-checked': 'A part that is left out on purpose',
  remark: 'A remark',
} as const

function invocation(report: Report) {
  const { objects, problems, groups, notes, startedAt } = report
  const undecided = objects.flatMap(object =>
    object.undecided.map(reason =>
      notification('cannot-decide', `${objectName(object)}: ${sanitizeText(reason)}`, {
        level: 'error',
        locations: [withPlace(objectLocation(object), object.place)],
      }),
    ),
  )
  const unusable = problems.map(({ place, message }) =>
    notification('input-problem', sanitizeText(message), {
      level: 'error',
      locations: [placeLocation(place)],
    }),
  )
  const remarks = [
    ...objects.flatMap(object => objectRemarks(object)),
    ...groups.flatMap(({ table, proposals }) =>
      proposals.map(proposal => remark('remark', `${table}: ${proposal}`)),
    ),
    ...notes.map(note => remark('remark', note)),
  ]
  return {
    executionSuccessful: undecided.length === 0 && unusable.length === 0,
    startTimeUtc: startedAt,
    toolExecutionNotifications: [...undecided, ...unusable, ...remarks],
  }
}

function objectRemarks(object: ReportedObject) {
  const { unchecked, notices } = object
  return [
    ...unchecked.map(part => remark('not-checked', `${objectName(object)}: ${part}`)),
    ...notices.map(notice => remark('remark', `${objectName(object)}: ${notice}`)),
  ]
}

function remark(id: keyof typeof notificationTexts, text: string) {
  return notification(id, sanitizeText(text), { level: 'note' })
}

function notification(
  id: keyof typeof notificationTexts,
  text: string,
  rest: { readonly level: 'error' | 'note'; readonly locations?: readonly object[] },
) {
  return { descriptor: { id }, message: { text }, ...rest }
}
