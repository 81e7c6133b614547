import { sanitizeText } from '../../policy/text/sanitize-text.js'
import type { Severity } from '../../policy/facts/finding.js'
import { findingLines, objectName, rulePage } from '../parts/finding-text.js'
import type { Place, Report, ReportedFinding, ReportedObject } from '../parts/report.js'
import { worstFirst } from '../parts/severity-order.js'
import { summarize } from '../parts/summary.js'

type Command = 'error' | 'warning' | 'notice'

interface Annotation {
  readonly command: Command
  readonly place: Place | null
  readonly title: string
  readonly message: string
}

/**
 * Workflow commands of GitHub Actions: an annotation at the file and line of each finding, the
 * worst first, then a plain line with the summary. No line break at the end. Source:
 * docs.github.com, "Workflow commands for GitHub Actions"; escaped as in @actions/core.
 */
export function formatGithub(report: Report): string {
  const annotations = [
    ...report.problems.map(({ place, message }) =>
      annotation('error', { place, title: 'problem in the input', message: sanitizeText(message) }),
    ),
    ...worstFirst(report).flatMap(object => objectAnnotations(object, report)),
    ...report.groups.flatMap(({ table, proposals }) =>
      proposals.map(proposal =>
        annotation('notice', {
          place: null,
          title: sanitizeText(table),
          message: sanitizeText(proposal),
        }),
      ),
    ),
    ...report.notes.map(note =>
      annotation('notice', { place: null, title: 'atlas-admission', message: sanitizeText(note) }),
    ),
  ]
  return [...annotations.map(printAnnotation), `atlas-admission: ${summarize(report)}`].join('\n')
}

function annotation(command: Command, rest: Omit<Annotation, 'command'>): Annotation {
  return { command, ...rest }
}

function objectAnnotations(object: ReportedObject, report: Report): readonly Annotation[] {
  const { place } = object
  const remark = (command: Command, title: string) => (text: string) =>
    annotation(command, { place, title, message: `${objectName(object)}: ${sanitizeText(text)}` })
  return [
    ...object.findings.map(found => findingAnnotation(found, { object, report })),
    ...object.undecided.map(remark('error', 'cannot decide')),
    ...object.notices.map(remark('warning', 'note')),
    ...object.unchecked.map(remark('notice', 'not checked')),
  ]
}

const commands: Readonly<Record<Severity, Command>> = {
  deny: 'error',
  warn: 'warning',
  audit: 'notice',
}

function findingAnnotation(
  { judged, place }: ReportedFinding,
  { object, report }: { readonly object: ReportedObject; readonly report: Report },
): Annotation {
  const page = rulePage(report, judged.rule.id)
  const lines = [...findingLines(judged), ...(page === null ? [] : [`see ${page}`])]
  return {
    command: commands[judged.action],
    place: place ?? object.place,
    title: judged.rule.id,
    message: `${objectName(object)}: ${lines.join('\n')}`,
  }
}

function printAnnotation({ command, place, title, message }: Annotation): string {
  // Standard input is no file of the repository.
  const at: readonly (readonly [string, string | number])[] =
    place && place.file !== '-'
      ? [
          ['file', harmlessPath(place.file)],
          ['line', place.line],
          ['col', place.column],
        ]
      : []
  const properties = [...at, ['title', title] as const].map(
    ([name, value]) => `${name}=${escapeProperty(String(value))}`,
  )
  return `::${command} ${properties.join(',')}::${escapeData(message)}`
}

/**
 * Replaces only characters that no file of a repository should have, because the path must stay
 * that of the file.
 */
function harmlessPath(file: string): string {
  return file.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
