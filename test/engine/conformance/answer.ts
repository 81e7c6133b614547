import { applyPending, type ApplyEffect } from '../../../src/atlas/engine/apply.js'
import type { DatabaseState } from '../../../src/atlas/engine/database-state.js'
import { buildDirectory, workingDirError } from '../../../src/atlas/directory/directory.js'
import type { EngineError } from '../../../src/atlas/directory/engine-error.js'
import type { MigrationFile } from '../../../src/atlas/directory/file.js'
import { compareBytewise } from '../../../src/atlas/text/go-string.js'
import { predict } from '../../../src/atlas/engine/operator.js'
import { planPending, type Plan, type PlanOptions } from '../../../src/atlas/engine/plan.js'
import { identifierVersion, type Revision } from '../../../src/atlas/engine/revision.js'
import {
  printScanError,
  scanByteTexts,
  byteTextHashes,
} from '../../../src/atlas/statement/statement.js'
import type { StatementDialect } from '../../../src/atlas/statement/dialect.js'
import { reportStatus } from '../../../src/atlas/engine/status.js'
import { printSum, type Sum } from '../../../src/atlas/directory/sum.js'
import { validateDirectory } from '../../../src/atlas/directory/validate.js'
import type { VectorInput } from './vector.js'

/** Our answer to a scenario in the shape of the vectors' `expected`: empty optional fields left out. */
export function answer(input: VectorInput): unknown {
  const data = input.files
  const folderError = workingDirError(data)
  const directory = buildDirectory(folderError === null ? data : {})
  const state = buildState(input)
  const options = buildOptions(input)
  const dialect = buildDialect(input.dialect)
  const { first } = predict({ data, directory, state, options, dialect })
  const operator = {
    wouldBeDown: first.action === 'down',
    downTarget: first.downTarget,
    operatorAction: first.action,
  }
  if (folderError !== null) return { ...emptyAnswer, ...operator, workingDirError: folderError }
  const sum = directory.sum()
  const plan = planPending(directory, state, options)
  const status = reportStatus(directory, state, dialect)
  return {
    ...emptyAnswer,
    ...operator,
    sum: printSum(sum),
    dirSum: sum.total,
    validateError: printError(validateDirectory(directory)),
    perFile: directory.files.map(file => printFile(file, sum, dialect)),
    pending: plan.pending.map(file => file.name),
    pendingError: printError(plan.error),
    baselineWritten: plan.baselineWritten === null ? null : printRow(plan.baselineWritten),
    status: 'report' in status ? status.report : null,
    statusError: 'error' in status ? printError(status.error) : null,
    apply: printApply(input, plan, { sum, dialect }),
  }
}

const emptyAnswer = {
  workingDirError: null,
  sum: '',
  dirSum: '',
  validateError: null,
  perFile: [],
  pending: [],
  pendingError: null,
  baselineWritten: null,
  status: null,
  statusError: null,
  apply: null,
}

function buildState(input: VectorInput): DatabaseState {
  const rows = input.revisions?.filter(row => row.version !== identifierVersion) ?? null
  return {
    revisions: rows === null ? null : inDatabaseOrder(input, rows),
    notClean: input.dirty ? 'found schema "public"' : null,
  }
}

function inDatabaseOrder(input: VectorInput, rows: readonly Revision[]): readonly Revision[] {
  if (input.revisionsOrder === 'asis') return rows
  return rows.toSorted((a, b) => compareBytewise(a.version, b.version))
}

function buildOptions({ execOrder, baselineVersion, allowDirty }: VectorInput): PlanOptions {
  return { execOrder, baseline: baselineVersion, allowDirty }
}

function buildDialect(name: string): StatementDialect {
  if (name === 'sqlite') return name
  return name === 'mysql' || name === 'mariadb' ? 'mysql' : 'postgres'
}

function printError(error: EngineError | null): unknown {
  if (error === null) return null
  const { type, message, checksum, nonLinear } = error
  return present({
    type,
    message,
    line: checksum?.line,
    total: checksum?.total,
    pos: checksum?.position,
    file: checksum?.file,
    reason: checksum?.reason,
    outOfOrder: nonLinear?.outOfOrder,
    pending: nonLinear?.pending,
  })
}

/** Without the fields that Go's `omitempty` drops; `total` is a pointer there and stays at 0. */
function present(fields: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
    ),
  )
}

/** The vectors list statement hashes of files with at most this many statements. */
const listedStatements = 6

function printFile(file: MigrationFile, sum: Sum, dialect: StatementDialect): unknown {
  const hash = sum.lines.find(line => line.name === file.name)?.hash ?? null
  const { name, version, description, checkpoint } = file
  const scan = scanByteTexts(file.content, dialect)
  if ('error' in scan) {
    const stmtsError = printScanError(scan.error)
    return { name, version, description, checkpoint, hash, stmts: null, stmtsError }
  }
  const stmts = scan.statements.length
  const listed = hash !== null && stmts > 0 && stmts <= listedStatements
  const hashes = listed ? { stmtHashes: byteTextHashes(scan.statements) } : {}
  return { name, version, description, checkpoint, hash, stmts, ...hashes }
}

function printRow(row: Revision): Readonly<Record<string, unknown>> {
  const { version, description, type, applied, total, hash } = row
  const partial = row.partialHashes.length === 0 ? {} : { partial_hashes: row.partialHashes }
  const error = row.error === '' ? {} : { error: row.error }
  const statement = row.errorStatement === '' ? {} : { error_stmt: row.errorStatement }
  return { version, description, type, applied, total, hash, ...partial, ...error, ...statement }
}

function printApply(
  input: VectorInput,
  plan: Plan,
  context: { readonly sum: Sum; readonly dialect: StatementDialect },
): unknown {
  const noop = plan.error?.type === 'ErrNoPendingFiles'
  if (plan.error !== null && !noop) return null
  const baseline = plan.baselineWritten === null ? [] : [plan.baselineWritten]
  const revisions = [...(buildState(input).revisions ?? []), ...baseline]
  const effect = applyPending({ pending: plan.pending, revisions, ...context })
  return printEffect(input, noop ? 'noop' : effect.outcome.result, effect)
}

function printEffect(
  input: VectorInput,
  result: string,
  { outcome, revisions }: ApplyEffect,
): unknown {
  const error = outcome.error === null ? {} : printFailure(outcome.file!, outcome.error)
  const rows = inDatabaseOrder(input, revisions).map(printRow)
  return { result, ...error, done: outcome.done, revisions: rows }
}

function printFailure(
  file: string,
  { type, message }: EngineError,
): Readonly<Record<string, string>> {
  return { file, type, message }
}
