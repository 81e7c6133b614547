import { createHash, type Hash } from 'node:crypto'
import type { Directory } from './directory.js'
import type { EngineError } from './engine-error.js'
import type { MigrationFile } from './file.js'
import { trimGoSpace } from '../text/go-string.js'
import { splitLines } from './sum-lines.js'

/** One line of atlas.sum; the hash in base64 without `h1:`. */
export interface SumLine {
  readonly name: string
  readonly hash: string
}

/** The content of an atlas.sum, computed or read. */
export interface Sum {
  /**
   * The hash of the first line, in base64 without `h1:`. It is always computed from the other
   * lines, also for an atlas.sum that was read.
   */
  readonly total: string
  readonly lines: readonly SumLine[]
}

/**
 * The hash that runs through a whole directory. A file's line covers the names and contents of all
 * files up to it (Atlas v1.2.3, `migrate.NewHashFile`). Appending takes time linear in the file's
 * size.
 */
export class SumChain {
  readonly #state: Hash

  constructor(state: Hash = createHash('sha256')) {
    this.#state = state
  }

  /**
   * Appends a file and returns its hash in base64; null for an `atlas:sum ignore` file, of which
   * only the name is hashed.
   */
  append(file: Pick<MigrationFile, 'name' | 'content' | 'sumIgnored'>): string | null {
    this.#state.update(file.name)
    if (file.sumIgnored) return null
    this.#state.update(file.content)
    return this.#state.copy().digest('base64')
  }

  /** A copy that starts with the same files and goes on by itself. */
  copy(): SumChain {
    return new SumChain(this.#state.copy())
  }
}

/** Computes the atlas.sum of files, which the caller gives sorted as in their directory. */
export function computeSum(files: readonly MigrationFile[]): Sum {
  const chain = new SumChain()
  const lines: SumLine[] = []
  for (const file of files) {
    const hash = chain.append(file)
    if (hash !== null) lines.push({ name: file.name, hash })
  }
  return { total: totalOf(lines), lines }
}

function totalOf(lines: readonly SumLine[]): string {
  const hash = createHash('sha256')
  for (const line of lines) hash.update(line.name + line.hash)
  return hash.digest('base64')
}

/** The text of atlas.sum, as Atlas writes it. */
export function printSum(sum: Sum): string {
  return `h1:${sum.total}\n` + sum.lines.map(line => `${line.name} h1:${line.hash}\n`).join('')
}

/** Reads an atlas.sum as leniently as Atlas does: CRLF and a missing `h1:` in the first line pass. */
export function parseSum(text: string): Sum | EngineError {
  const {
    lines: [first = '', ...rest],
    tooLong,
  } = splitLines(text)
  const lines: SumLine[] = []
  for (const line of rest) {
    const mark = line.indexOf('h1:')
    if (mark === -1) return { type: 'ErrChecksumFormat', message: 'checksum file format invalid' }
    lines.push({ name: trimGoSpace(line.slice(0, mark)), hash: line.slice(mark + 3) })
  }
  const total = totalOf(lines)
  const declared = first.startsWith('h1:') ? first.slice(3) : first
  if (declared !== total) return { type: 'ErrChecksumMismatch', message: mismatch }
  return tooLong ? { type: 'other', message: 'bufio.Scanner: token too long' } : { total, lines }
}

const mismatch = 'checksum mismatch'

/**
 * What is wrong with atlas.sum, or null when it fits the files (Atlas v1.2.3, `migrate.Validate`).
 */
export function validateDirectory(directory: Directory): EngineError | null {
  if (directory.sumText === null) return missingSum(directory)
  const listed = parseSum(directory.sumText)
  if ('type' in listed) return listed
  const computed = directory.sum()
  return listed.total === computed.total ? null : firstDifference(listed.lines, computed.lines)
}

function missingSum(directory: Directory): EngineError | null {
  if (directory.files.length === 0) return null
  return { type: 'ErrChecksumNotFound', message: 'checksum file not found' }
}

/** Length of a hash as atlas.sum shows it: `h1:` and 44 characters of base64. */
const hashSize = 47

function firstDifference(listed: readonly SumLine[], computed: readonly SumLine[]): EngineError {
  let position = hashSize + 1
  let index = 0
  while (index < listed.length && sameLine(listed[index]!, computed[index])) {
    position += Buffer.byteLength(listed[index]!.name) + 1 + hashSize + 1
    index++
  }
  const change = changeAt(listed, computed, index)
  if (change === null) return indexPanic(computed.length, index)
  return {
    type: 'ChecksumError',
    message: mismatch,
    checksum: { line: index + 2, position, total: listed.length, ...change },
  }
}

function sameLine(listed: SumLine, computed: SumLine | undefined): boolean {
  return listed.name === computed?.name && listed.hash === computed.hash
}

type Change = Pick<NonNullable<EngineError['checksum']>, 'file' | 'reason'>

/**
 * The change behind a line that does not fit; null where Atlas crashes, because it looks for a
 * computed line that does not exist.
 */
function changeAt(
  listed: readonly SumLine[],
  computed: readonly SumLine[],
  index: number,
): Change | null {
  const name = listed[index]?.name
  const place = computed.findIndex(line => line.name === name)
  if (name !== undefined && place === -1) return { file: name, reason: 'removed' }
  if (name !== undefined && place === index) return { file: name, reason: 'edited' }
  const next = computed[index]
  return next === undefined ? null : { file: next.name, reason: 'added' }
}

function indexPanic(length: number, index: number): EngineError {
  return {
    type: 'panic',
    message: `runtime error: index out of range [${index}] with length ${length}`,
  }
}
