import XMLBuilder from 'fast-xml-builder'
import { harmlessXml } from '../../policy/text/harmless-text.js'
import { sanitizeText, shorten } from '../../policy/text/sanitize-text.js'
import { findingLines, objectName, placeText } from '../parts/finding-text.js'
import type { Report, ReportedFinding, ReportedObject, ReportedProblem } from '../parts/report.js'
import { findingsWith, worstFirst } from '../parts/severity-order.js'

/** An element; the builder makes attributes of keys that begin with `@`. */
interface TestCase {
  readonly '@name': string
  readonly '@classname': string
  readonly '@time': string
  readonly skipped?: string
  readonly error?: Failure
  readonly failure?: Failure
  readonly 'system-out'?: string
}

interface Failure {
  readonly '@message': string
  readonly '@type': string
  readonly '#text': string
}

/**
 * JUnit's XML, with the elements and attributes that Jenkins, GitLab, Azure DevOps and GitHub's
 * actions all read. A suite stands for a namespace, and a case for an AtlasMigration. A case has at
 * most one failure or error, because readers differ on several; warnings are its output. It is
 * valid by jenkins-junit.xsd, which has no file of a case, so the file is named in the text. Ends
 * with a line break.
 */
export function formatJunit(report: Report): string {
  const suites = [...objectSuites(report), ...problemSuite(report.problems)]
  const time = report.seconds.toFixed(3)
  const all = suites.flatMap(({ cases }) => cases)
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
  })
  const xml = builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: {
      '@name': `atlas-admission ${report.command}`,
      '@tests': String(all.length),
      '@failures': String(countWith(all, 'failure')),
      '@errors': String(countWith(all, 'error')),
      '@time': time,
      testsuite: suites.map(suite => suiteElement(suite, report)),
    },
  })
  return harmlessXml(xml)
}

interface Suite {
  readonly name: string
  readonly cases: readonly TestCase[]
}

function suiteElement({ name, cases }: Suite, { startedAt }: Report) {
  return {
    '@name': xmlText(name),
    '@tests': String(cases.length),
    '@failures': String(countWith(cases, 'failure')),
    '@errors': String(countWith(cases, 'error')),
    '@skipped': String(countWith(cases, 'skipped')),
    '@time': noTime,
    '@timestamp': startedAt.replace(/(?:\.\d+)?Z$/, ''),
    testcase: cases,
  }
}

/** The time of a single object is not measured. */
const noTime = '0.000'

function countWith(cases: readonly TestCase[], part: 'failure' | 'error' | 'skipped'): number {
  return cases.filter(entry => entry[part] !== undefined).length
}

function objectSuites(report: Report): readonly Suite[] {
  const suites = new Map<string, TestCase[]>()
  for (const object of worstFirst(report)) {
    const cases = suites.get(object.namespace) ?? []
    suites.set(object.namespace, [...cases, objectCase(object)])
  }
  return [...suites].map(([name, cases]) => ({ name, cases }))
}

function objectCase(object: ReportedObject): TestCase {
  const { namespace, name, verdict } = object
  const output = outputLines(object)
  return {
    '@name': xmlText(name),
    // Jenkins takes what stands before the last dot for a package.
    '@classname': xmlText(`${namespace}.AtlasMigration`),
    '@time': noTime,
    ...(verdict === 'skip' && { skipped: '' }),
    ...(verdict === 'error' && { error: undecidedElement(object) }),
    ...(verdict === 'fail' && { failure: deniedElement(object) }),
    ...(output.length > 0 && { 'system-out': xmlText(output.join('\n')) }),
  }
}

function deniedElement(object: ReportedObject): Failure {
  const denied = findingsWith(object, 'deny')
  const [first] = denied.map(({ judged: { rule, finding } }) => ({
    rule: rule.id,
    message: shorten(`[${rule.id}] ${sanitizeText(finding.found)}`, maxMessage),
  }))
  const more = denied.length > 1 ? ` (and ${denied.length - 1} more)` : ''
  return {
    '@message': xmlText(`${first?.message}${more}`),
    '@type': String(first?.rule),
    '#text': xmlText(denied.flatMap(found => findingBlock(found, object)).join('\n')),
  }
}

/** Longest message. Readers show it as a heading, and the text has everything. */
const maxMessage = 300

function undecidedElement({ undecided }: ReportedObject): Failure {
  const reasons = undecided.map(sanitizeText)
  return {
    '@message': xmlText(shorten(reasons.join('; '), maxMessage)),
    '@type': 'cannot-decide',
    '#text': xmlText(reasons.join('\n')),
  }
}

/** `file:line:column [rule] found`, then the other lines. */
function findingBlock({ judged, place }: ReportedFinding, object: ReportedObject) {
  const [found, ...rest] = findingLines(judged)
  const at = place ?? object.place
  const where = at === null ? objectName(object) : placeText(at)
  return [`${where}: [${judged.rule.id}] ${found}`, ...rest.map(line => `  ${line}`)]
}

function outputLines(object: ReportedObject): readonly string[] {
  const { verdict, undecided, unchecked, notices } = object
  const milder = [...findingsWith(object, 'warn'), ...findingsWith(object, 'audit')]
  return [
    ...milder.flatMap(found => findingBlock(found, object)),
    ...(verdict === 'error'
      ? []
      : undecided.map(reason => `cannot decide: ${sanitizeText(reason)}`)),
    ...unchecked.map(part => `not checked: ${sanitizeText(part)}`),
    ...notices.map(notice => `note: ${sanitizeText(notice)}`),
  ]
}

function problemSuite(problems: readonly ReportedProblem[]): readonly Suite[] {
  if (problems.length === 0) return []
  const cases = problems.map(({ place, message }): TestCase => {
    const text = sanitizeText(message)
    return {
      '@name': xmlText(placeText(place)),
      '@classname': 'input',
      '@time': noTime,
      error: {
        '@message': xmlText(shorten(text, maxMessage)),
        '@type': 'input-problem',
        '#text': xmlText(`${placeText(place)}: ${text}`),
      },
    }
  })
  return [{ name: 'input', cases }]
}

/**
 * A text without the characters that XML 1.0 cannot hold, escaped or not (production 2, Char).
 * Those that it can hold but that steer a terminal are replaced by a visible form.
 */
function xmlText(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[\p{Cf}\x7f-\x9f]/gu, '?')
}
