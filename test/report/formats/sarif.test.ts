import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'
import t, { type Test } from 'tap'
import type { Place, Report } from '../../../src/report/parts/report.js'
import { formatSarif } from '../../../src/report/formats/sarif.js'
import { matchGolden } from '../golden.js'
import { at, judged, nastyReport, report, reported, reportedObject } from '../reports.js'

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
      readonly invocations: readonly { readonly executionSuccessful: boolean }[]
      readonly results: readonly {
        readonly ruleId: string
        readonly ruleIndex: number
        readonly partialFingerprints: object
        readonly locations: readonly {
          readonly physicalLocation?: { readonly artifactLocation: object }
        }[]
      }[]
    },
  ]
}

const require = createRequire(import.meta.url)

const schemaFile = require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')

/** The schema of SchemaStore is of draft 4, whose keywords here mean the same today, but for the name of its id. */
function loadSchema(): object {
  const {
    $schema: _draft,
    id: _id,
    ...schema
  } = JSON.parse(readFileSync(schemaFile, 'utf8')) as {
    readonly $schema: string
    readonly id: string
  }
  return schema
}

/** RFC 3986 and RFC 3339, as far as the schema asks for them. */
const formats = {
  uri: (text: string) => URL.canParse(text),
  'uri-reference': (text: string) => /^(?:[\w.~!$&'()*+,;=:@/?#[\]-]|%[\dA-F]{2})*$/i.test(text),
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/,
}

const validate = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false, formats }).compile(
  loadSchema(),
)

function parseValid(t: Test, input: Report): Log {
  const log: unknown = JSON.parse(formatSarif(input))
  validate(log)
  t.same(validate.errors ?? [], [], 'valid against the schema of SARIF 2.1.0')
  return log as Log
}

void t.test('the schema finds mistakes', async t => {
  const [run] = (JSON.parse(formatSarif(nastyReport)) as Log).runs
  t.notOk(validate({ version: '2.1.0', runs: [{ ...run, tool: {} }] }), 'a part is missing')
  t.notOk(validate({ version: '2.1.0', runs: [{ ...run, columnKind: 'bytes' }] }), 'a wrong word')
})

void t.test('everything that a report can hold', async t => {
  matchGolden(t, 'nasty.sarif', formatSarif(nastyReport))
  const [run] = parseValid(t, nastyReport).runs
  t.notMatch(JSON.stringify(run), 's3cret')
  for (const { ruleId, ruleIndex } of run.results)
    t.equal(run.tool.driver.rules[ruleIndex]?.id, ruleId)
})

void t.test('an empty report, and one without a place or pages', async t => {
  t.ok(parseValid(t, report()).runs[0].invocations[0]?.executionSuccessful)
  const findings = [reported(judged('version-width'))]
  const objects = [reportedObject('orders', { verdict: 'fail', findings, place: null })]
  const [run] = parseValid(t, report({ objects })).runs
  t.ok(run.invocations[0]?.executionSuccessful, 'a denial is an answer')
  t.notMatch(JSON.stringify(run), 'helpUri')
  t.equal(run.results[0]?.locations[0]?.physicalLocation, undefined)
})

void t.test('what was not decided or not read makes the run unsuccessful', async t => {
  const undecided = report({
    objects: [reportedObject('a', { verdict: 'error', undecided: ['x'] })],
  })
  const unread = report({ problems: [{ place: at('a.yaml', 1, 1), message: 'x', text: null }] })
  for (const input of [undecided, unread])
    t.equal(parseValid(t, input).runs[0].invocations[0]?.executionSuccessful, false)
})

type Address = readonly [file: string, artifact: object]

const addresses: readonly Address[] = [
  ['./a/b.yaml', { uri: 'a/b.yaml', uriBaseId: '%SRCROOT%' }],
  ['../b c.yaml', { uri: '../b%20c.yaml', uriBaseId: '%SRCROOT%' }],
  ['a:b/#?.yaml', { uri: 'a%3Ab/%23%3F.yaml', uriBaseId: '%SRCROOT%' }],
  ['/srv/a b.yaml', { uri: 'file:///srv/a%20b.yaml' }],
  ['C:/work/a.yaml', { uri: 'file:///C:/work/a.yaml' }],
  ['half \uD800', { uri: 'half%20%EF%BF%BD', uriBaseId: '%SRCROOT%' }],
]

const found = (place: Place, subjects: readonly string[], text: string): Report => {
  const findings = [reported(judged('version-width', { subjects, found: text }), place)]
  return report({ objects: [reportedObject('orders', { verdict: 'fail', findings })] })
}

for (const [file, artifact] of addresses)
  void t.test(`the address of ${JSON.stringify(file)}`, async t => {
    const [run] = parseValid(t, found(at(file, 1, 1), [], '')).runs
    t.same(run.results[0]?.locations[0]?.physicalLocation?.artifactLocation, artifact)
  })

void t.test('a fingerprint stays when the text moves, and tells findings apart', async t => {
  const printOf = (input: Report) => parseValid(t, input).runs[0].results[0]?.partialFingerprints
  const first = printOf(found(at('a.yaml', 1, 1), ['2', '1'], 'two files'))
  t.same(printOf(found(at('b.yaml', 9, 5), ['1', '2'], 'two other words')), first)
  t.not(printOf(found(at('a.yaml', 1, 1), ['2', '3'], 'two files')), first)
})
