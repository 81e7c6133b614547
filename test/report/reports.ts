import { rules } from '../../src/policy/rules/catalogue.js'
import type { JudgedFinding } from '../../src/policy/enforcement/enforcement.js'
import type { Finding } from '../../src/policy/facts/finding.js'
import type {
  Place,
  Report,
  ReportedFinding,
  ReportedObject,
} from '../../src/report/parts/report.js'

export const at = (file: string, line: number, column: number): Place => ({ file, line, column })

type FindingParts = Partial<Finding> &
  Partial<Pick<JudgedFinding, 'action' | 'severity' | 'cause' | 'reason' | 'introduced'>>

/** What a rule of the catalogue found; denied unless said otherwise. */
export function judged(ruleId: string, parts: FindingParts = {}): JudgedFinding {
  const { action = 'deny', severity = 'deny', cause = null, reason = '', introduced = true } = parts
  const {
    found = 'something',
    expected = '',
    remedy = '',
    field = '',
    subjects = [],
    details,
  } = parts
  return {
    rule: rules.find(({ id }) => id === ruleId)!,
    finding: { found, expected, remedy, field, subjects, ...(details && { details }) },
    object: { kind: 'AtlasMigration', namespace: 'app', name: 'orders' },
    introduced,
    severity,
    action,
    cause,
    reason,
  }
}

export const reported = (found: JudgedFinding, place: Place | null = null): ReportedFinding => ({
  judged: found,
  place,
})

export function reportedObject(name: string, parts: Partial<ReportedObject> = {}): ReportedObject {
  return {
    kind: 'AtlasMigration',
    namespace: 'app',
    name,
    place: at('deploy/app.yaml', 3, 1),
    verdict: 'pass',
    findings: [],
    undecided: [],
    unchecked: [],
    outlook: null,
    notices: [],
    ...parts,
  }
}

export function report(parts: Partial<Report> = {}): Report {
  return {
    command: 'check',
    version: '1.2.3',
    startedAt: '2026-01-02T03:04:05.678Z',
    seconds: 1.25,
    objects: [],
    problems: [],
    groups: [],
    notes: [],
    ...parts,
  }
}

/** What a format has to escape: its own signs, line breaks, controls, half a surrogate pair, wide signs, a password. */
export const nasty =
  'a %0A ::error:: , "q" \'s\' <b> & ]]> --> \u{1F600} \u0000\u001b[31m\uFFFE\uD800 line\r\nbreak postgres://u:s3cret@db/x'

const place = at('deploy/wei rd,%:\u00e9\u{1F600}.yaml', 12, 5)

/** Of every kind of verdict, finding and remark one, with nasty texts. */
export const nastyReport: Report = report({
  documentationUrl: 'https://example.org/rules/',
  objects: [
    reportedObject('quiet'),
    reportedObject('skipped', { verdict: 'skip', place: null }),
    reportedObject('careful', {
      verdict: 'warn',
      findings: [
        reported(
          judged('remote-unpinned', {
            action: 'warn',
            severity: 'warn',
            found: 'the remote directory has no tag',
            remedy: 'name a tag in spec.dir.remote.tag',
            field: 'spec.dir.remote.tag',
          }),
          at('deploy/app.yaml', 9, 3),
        ),
        reported(
          judged('checksum-missing', {
            action: 'warn',
            cause: 'exempted',
            reason: 'exempted by policy until 2027-01-01: legacy',
            found: 'there is no atlas.sum',
          }),
        ),
        reported(
          judged('version-width', {
            action: 'audit',
            severity: 'warn',
            cause: 'mode',
            reason: 'the policy only audits here',
            found: 'versions differ in length',
          }),
        ),
      ],
      notices: ['the annotation names "x", which found nothing here'],
      unchecked: ['the remote directory'],
    }),
    reportedObject('unknown', {
      verdict: 'error',
      undecided: ['the database db cannot be reached', `second: ${nasty}`],
    }),
    reportedObject('orders', {
      verdict: 'fail',
      findings: [
        reported(
          judged('migrate-down-predicted', {
            found: nasty,
            expected: `as many files as rows: ${nasty}`,
            remedy: 'restore the files',
            details: [nasty, 'x'.repeat(3000)],
            subjects: ['20240102', '20240101'],
            field: 'spec.dir.configMapRef',
          }),
          place,
        ),
        reported(judged('version-width', { found: 'word '.repeat(400).trim() })),
        reported(
          judged('revision-order', {
            action: 'warn',
            cause: 'overridden',
            reason: 'allowed by annotation: known',
            found: 'the order differs',
          }),
          at('-', 1, 1),
        ),
      ],
      undecided: ['the dir-state Secret cannot be read'],
    }),
  ],
  problems: [
    {
      place: at('deploy/broken.yaml', 7, 11),
      message: 'bad indentation',
      text: '  dir: {a: b: c}',
    },
    { place: at('deploy/long.yaml', 1, 5000), message: nasty, text: 'k: v, '.repeat(2000) },
  ],
  groups: [
    {
      table: 'db:5432/app, schema atlas_schema_revisions',
      migrations: ['app/orders', 'app/careful'],
      proposals: [`they can be consolidated: ${nasty}`],
    },
  ],
  notes: ['3 objects of other kinds were skipped'],
})
