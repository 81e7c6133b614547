import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { identifierVersion } from '../../../src/atlas/engine/revision.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import type { ExecutionOrder } from '../../../src/policy/facts/atlas-migration.js'
import type { Facts } from '../../../src/policy/facts/facts.js'
import type { Rule } from '../../../src/policy/facts/finding.js'
import { appliedFileMissing } from '../../../src/policy/rules/applied-file-missing.js'
import { baselineRequired } from '../../../src/policy/rules/baseline-required.js'
import { baselineUnknown } from '../../../src/policy/rules/baseline-unknown.js'
import { fileOutOfOrder } from '../../../src/policy/rules/file-out-of-order.js'
import { migrateDownPredicted } from '../../../src/policy/rules/migrate-down-predicted.js'
import { migrateDownUnsafe } from '../../../src/policy/rules/migrate-down-unsafe.js'
import { revisionPartial } from '../../../src/policy/rules/revision-partial.js'
import { revisionTableEmpty } from '../../../src/policy/rules/revision-table-empty.js'
import { severityOf } from '../../../src/policy/enforcement/verdict.js'
import { buildFacts, inVersionOrder } from '../facts/facts-builder.js'

/** What the real engine answered; see the vectors' own fields. */
interface Vector {
  readonly name: string
  readonly input: {
    readonly files: Readonly<Record<string, string>>
    readonly revisions: readonly RecordedRow[] | null
    readonly revisionsOrder?: 'asis'
    readonly execOrder: ExecutionOrder
    readonly baselineVersion?: string
    readonly allowDirty?: boolean
    readonly dirty?: boolean
  }
  readonly expected: {
    readonly operatorAction: string | null
    readonly pendingError: { readonly type: string } | null
    readonly statusError: { readonly type: string } | null
    readonly downTarget: string | null
  }
}

interface RecordedRow {
  readonly version: string
  readonly description: string
  readonly type: number
  readonly applied: number
  readonly total: number
  readonly executed_at: string
  readonly hash: string
  readonly partial_hashes?: readonly string[] | null
}

const folder = 'test/fixtures/vectors'
const vectors = readdirSync(folder)
  .map(name => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as Vector)
  // The operator cannot allow a dirty database.
  .filter(({ input }) => !input.allowDirty)

function rowsOfVector({ input }: Vector): readonly Revision[] | null {
  if (input.revisions === null) return null
  const rows = input.revisions
    .filter(row => row.version !== identifierVersion)
    .map(row => ({
      ...row,
      executedAt: row.executed_at,
      error: '',
      errorStatement: '',
      partialHashes: row.partial_hashes ?? [],
      operatorVersion: '',
    }))
  return input.revisionsOrder === 'asis' ? rows : inVersionOrder(rows)
}

function factsOf(vector: Vector, allowed: boolean): Facts {
  const { input } = vector
  return buildFacts({
    directory: {
      kind: 'read',
      source: 'configmap',
      name: 'migrations',
      data: input.files,
      binaryKeys: [],
      directory: buildDirectory(input.files),
    },
    rows: rowsOfVector(vector),
    notClean: input.dirty ? 'found schema "public"' : null,
    spec: {
      execOrder: input.execOrder,
      baseline: input.baselineVersion ?? '',
      protectedFlows: { migrateDown: { allow: allowed, autoApprove: allowed } },
    },
  })
}

function denies(rule: Rule, vector: Vector, allowed = false): boolean {
  const finding = rule.evaluate(factsOf(vector, allowed))
  return finding !== null && severityOf({ rule, finding }) === 'deny'
}

void t.test('down is denied exactly where the engine’s status makes the operator go down', t => {
  for (const vector of vectors)
    t.equal(
      denies(migrateDownPredicted, vector),
      vector.expected.operatorAction === 'down',
      vector.name,
    )
  t.end()
})

void t.test('allowed, it is denied for want of a dir-state, or of a file to go down to', t => {
  const downs = vectors.filter(({ expected }) => expected.operatorAction === 'down')
  for (const vector of downs) {
    const found = migrateDownUnsafe.evaluate(factsOf(vector, true))?.found
    const says = vector.expected.downTarget === null ? /crash/ : /no dir-state/
    t.match(found, says, vector.name)
  }
  t.end()
})

type Case = [rule: Rule, action: string, error: string]

const errors: readonly Case[] = [
  [baselineRequired, 'apply', 'NotCleanError'],
  [baselineUnknown, 'apply', 'BaselineNotFound'],
  [fileOutOfOrder, 'apply', 'HistoryNonLinearError'],
  [revisionTableEmpty, 'error-status', 'NotCleanError'],
  [revisionPartial, 'error-status', 'MissingMigrationError'],
  [revisionPartial, 'error-status', 'StatusFileNotFound'],
]

void t.test('what the engine refuses is denied', t => {
  for (const [rule, action, error] of errors) {
    const refused = vectors.filter(
      ({ expected }) =>
        expected.operatorAction === action &&
        (action === 'apply' ? expected.pendingError : expected.statusError)?.type === error,
    )
    t.ok(refused.length > 0, `${error} occurs`)
    for (const vector of refused) t.ok(denies(rule, vector), `${rule.id}: ${vector.name}`)
  }
  t.end()
})

void t.test('a row without a file never goes unsaid', t => {
  for (const vector of vectors) {
    const facts = factsOf(vector, false)
    const { operatorAction } = vector.expected
    if (operatorAction !== 'ready' && operatorAction !== 'apply') continue
    const versions = new Set(buildDirectory(vector.input.files).files.map(file => file.version))
    const unmatched = (rowsOfVector(vector) ?? [])
      .map(row => row.version)
      .filter(v => !versions.has(v))
    t.same(appliedFileMissing.evaluate(facts)?.subjects ?? [], unmatched, vector.name)
  }
  t.end()
})
