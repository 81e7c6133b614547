import type { Directory } from './directory.js'
import type { EngineError } from './engine-error.js'
import { checksumMismatch, parseSum, type SumLine } from './sum.js'

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
    message: checksumMismatch,
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
