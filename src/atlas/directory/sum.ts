import { createHash, type Hash } from 'node:crypto'
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

/** What Atlas says when atlas.sum does not fit. */
export const checksumMismatch = 'checksum mismatch'

/**
 * Reads an atlas.sum as leniently as Atlas does: CRLF and a missing `h1:` in the first line are
 * accepted.
 */
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
  if (declared !== total) return { type: 'ErrChecksumMismatch', message: checksumMismatch }
  return tooLong ? { type: 'other', message: 'bufio.Scanner: token too long' } : { total, lines }
}
