import { ownValue } from '../../../src/atlas/text/own-value.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'

/** One scenario with the real engine's answer. */
export interface Vector {
  readonly name: string
  readonly input: VectorInput
  /** Compared field by field, so its shape is the answer's business. */
  readonly expected: unknown
}

/** A scenario as the vectors write it. */
export interface VectorInput {
  /** Keys of `.data`, atlas.sum among them. */
  readonly files: Readonly<Record<string, string>>
  /** In the order of their insertion, perhaps with the identifier row; null: there is no table. */
  readonly revisions: readonly Revision[] | null
  /** `asis`: the database returned the rows in the order given. Else it sorted them bytewise. */
  readonly revisionsOrder: string
  readonly execOrder: string
  readonly baselineVersion: string
  readonly allowDirty: boolean
  readonly dirty: boolean
  readonly dialect: string
}

/** The vectors of a file: one, or an array of them. Throws an Error that says what is wrong. */
export function parseVectors(text: string): readonly Vector[] {
  const parsed: unknown = JSON.parse(text)
  return (Array.isArray(parsed) ? parsed : [parsed]).map(parseVector)
}

type Fields = Readonly<Record<string, unknown>>

function parseVector(value: unknown): Vector {
  const vector = fieldsOf(value, 'a vector')
  const name = textOf(vector, 'name')
  const input = fieldsOf(vector['input'], `the input of ${name}`)
  if (vector['expected'] === undefined) throw new Error(`${name} has no expected answer`)
  return { name, input: parseInput(input), expected: vector['expected'] }
}

function parseInput(input: Fields): VectorInput {
  const rows = input['revisions'] ?? null
  if (rows !== null && !Array.isArray(rows)) throw new Error('revisions is neither null nor a list')
  const files = fieldsOf(input['files'], 'files')
  return {
    files: Object.fromEntries(Object.keys(files).map(name => [name, textOf(files, name)])),
    revisions: rows?.map(parseRevision) ?? null,
    revisionsOrder: textOf(input, 'revisionsOrder'),
    execOrder: textOf(input, 'execOrder'),
    baselineVersion: textOf(input, 'baselineVersion'),
    allowDirty: input['allowDirty'] === true,
    dirty: input['dirty'] === true,
    dialect: textOf(input, 'dialect'),
  }
}

function parseRevision(value: unknown): Revision {
  const row = fieldsOf(value, 'a revision')
  const hashes = row['partial_hashes']
  return {
    version: textOf(row, 'version'),
    description: textOf(row, 'description'),
    type: numberOf(row, 'type'),
    applied: numberOf(row, 'applied'),
    total: numberOf(row, 'total'),
    executedAt: textOf(row, 'executed_at'),
    error: textOf(row, 'error'),
    errorStatement: textOf(row, 'error_stmt'),
    hash: textOf(row, 'hash'),
    partialHashes: Array.isArray(hashes) ? hashes.map(String) : [],
    operatorVersion: '',
  }
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new Error(`${what} is not a JSON object`)
}

/** A text field; vectors leave empty ones out. */
function textOf(fields: Fields, name: string): string {
  const value = ownValue(fields, name) ?? ''
  if (typeof value === 'string') return value
  throw new Error(`${name} is not a text`)
}

function numberOf(fields: Fields, name: string): number {
  const value = ownValue(fields, name) ?? 0
  if (typeof value === 'number') return value
  throw new Error(`${name} is not a number`)
}
