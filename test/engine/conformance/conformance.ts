import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '../../../src/review/ports/coded-error.js'
import { answer } from './answer.js'
import { differences } from './difference.js'
import { parseVectors, type Vector } from './vector.js'

/** A folder or file of vectors that cannot be used. Exit code 2. */
export class VectorsError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_VECTORS'
}

/**
 * Runs every conformance vector (`*.json`) of a folder: inputs with the answers of the real engine.
 * Each field that differs is printed with the vector's name. Returns the exit code: 0 when at least one
 * vector ran and none failed, 1 when one failed.
 * @throws VectorsError when the folder or a file cannot be used.
 */
export function runConformance(folder: string, out: (line: string) => void): number {
  let passed = 0
  let failed = 0
  for (const name of vectorFiles(folder)) {
    for (const { name: vector, input, expected } of readVectors(join(folder, name))) {
      const found = differences(answer(input), expected)
      for (const difference of found) out(`${vector}: ${difference}`)
      if (found.length === 0) passed++
      else failed++
    }
  }
  out(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

function vectorFiles(folder: string): readonly string[] {
  const names = reading(folder, () => readdirSync(folder)).filter(name => name.endsWith('.json'))
  if (names.length === 0)
    throw new VectorsError(`${folder}: no conformance vectors (*.json) in this folder`)
  return names.sort()
}

function readVectors(path: string): readonly Vector[] {
  const text = reading(path, () => readFileSync(path, 'utf8'))
  try {
    return parseVectors(text)
  } catch (error) {
    throw new VectorsError(`${path}: ${(error as Error).message}`, { cause: error })
  }
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new VectorsError(`${path} cannot be read (${code}); name a folder of vectors`, {
      cause: error,
    })
  }
}
