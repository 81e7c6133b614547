import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import type { Reconcile } from '../../../../src/atlas/engine/operator.js'
import {
  migration,
  readRecordedCase,
  rulesOf,
  startLiveGate,
  textOf,
  type Judgement,
  type RecordedCase,
} from '../live-gate.js'
import { directoryDefects } from './directory-defects.js'
import { halfWayFiles } from './half-way-files.js'
import { movedDatabase } from './moved-database.js'
import { happyPath, otherWrites } from './other-writes.js'
import { sharedTable } from './shared-table.js'
import { refusal, type Expected, type Row } from './situation.js'

// What a real operator (0.7.37, with the engine of Atlas v1.2.3) did in a real cluster, rebuilt row by row.

const gate = await startLiveGate(t)

const cases = 'test/fixtures/cases'

const tables: Readonly<Record<string, readonly Row[]>> = {
  'the happy path': happyPath,
  'two AtlasMigrations on one table': sharedTable,
  'a moved database': movedDatabase,
  'defects of a directory': directoryDefects,
  'files that failed half-way': halfWayFiles,
  'writes of other objects': otherWrites,
}

/** Objects that a situation is built from. */
const parts = ['a-configmap', 'a-dirstate-secret']

await t.test('every recorded case is in a table', async t => {
  const recorded = (await readdir(cases)).map(name => name.replace('.yaml', ''))
  const names = Object.values(tables).flatMap(rows => rows.map(([name]) => name))
  t.same(
    recorded.filter(name => !names.includes(name)),
    parts,
  )
})

for (const [title, rows] of Object.entries(tables))
  await t.test(title, async t => {
    for (const row of rows) await t.test(row[0], t => checkRow(t, row))
  })

async function checkRow(t: Test, [name, build, expected]: Row): Promise<void> {
  const url = await gate.createDatabase()
  const recorded = await readCondition(name, url, expected)
  const { objects, write } = await build({ url, object: recorded.object }, gate)
  const judgement = await gate.judge(objects, write)
  const { answer, facts } = judgement
  const prediction = facts?.prediction
  t.equal(prediction?.first.action ?? null, expected.first, 'first reconcile')
  t.equal(prediction?.next?.action, expected.next, 'next reconcile')
  if (expected.downTarget !== undefined)
    t.equal(prediction?.first.downTarget, expected.downTarget, 'the version it would go down to')
  t.same(rulesOf(answer, 'denied').sort(), [...expected.denied].sort(), 'denied')
  t.same(rulesOf(answer, 'warned').sort(), [...expected.warned].sort(), 'warned')
  t.equal(answer.allowed, expected.denied.length === 0, 'allowed')
  checkCondition(t, { recorded, judgement, expected })
  gate.reuseDatabases()
}

async function readCondition(
  name: string,
  url: string,
  { message }: Expected,
): Promise<RecordedCase> {
  if (existsSync(join(cases, `${name}.yaml`))) return readRecordedCase(name, url)
  if (message === undefined) throw new Error(`${name} is no recorded case and has no message`)
  const object = migration('unrecorded', { url })
  return { object, ready: message === '', reason: '', message, lastAppliedVersion: undefined }
}

interface Comparison {
  readonly recorded: RecordedCase
  readonly judgement: Judgement
  readonly expected: Expected
}

/** What the operator said against what was predicted and answered. */
function checkCondition(t: Test, { recorded, judgement, expected }: Comparison): void {
  const { answer, facts } = judgement
  const { message } = recorded
  if (expected.condition === 'none') return
  if (expected.condition === 'text') {
    t.match(textOf(answer), message, 'the answer has the sentence of the operator')
    return
  }
  if (expected.condition === 'sql') {
    t.match(message, 'executing statement', 'the operator failed in SQL')
    t.equal(facts?.prediction?.first.error, null, 'which is not predicted')
    return
  }
  const reconcile = facts?.prediction?.[expected.condition]
  if (!reconcile) return void t.fail('nothing was predicted to compare the condition with')
  if (recorded.ready) checkReady(t, recorded, reconcile)
  else if (reconcile.action === 'down') checkDown(t, { recorded, judgement, expected }, reconcile)
  else t.match(message, reconcile.error?.message, 'the predicted error is what the operator said')
}

function checkReady(t: Test, { lastAppliedVersion }: RecordedCase, reconcile: Reconcile): void {
  t.equal(reconcile.error, null, 'Ready, as predicted')
  if (lastAppliedVersion === undefined) return
  const last = reconcile.after.revisions?.at(-1)?.version ?? 'No migration applied yet'
  t.equal(last, lastAppliedVersion, 'the last version is the one that the operator reports')
}

function checkDown(
  t: Test,
  { recorded, judgement, expected }: Comparison,
  { downTarget }: Reconcile,
): void {
  // A crash leaves the condition of the moment before.
  if (recorded.reason === 'Reconciling') return void t.equal(downTarget, null, 'it crashes')
  t.equal(recorded.message, refusal, 'the operator refuses to go down')
  if (expected.denied.includes('migrate-down-predicted'))
    t.match(textOf(judgement.answer), refusal, 'the denial has the sentence of the operator')
}
