import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { answer } from './conformance-answer.js'
import { differences } from './conformance-difference.js'
import { parseVectors, type Vector } from './conformance-vector.js'

/**
 * Runs every conformance vector (`*.json`) of a folder: inputs with the answers of the real engine.
 * Each field that differs is printed with the vector's name. Returns the exit code: 0 when at least one
 * vector ran and none failed, 1 when one failed, 2 when the folder or a file cannot be used.
 */
export function runConformance(folder: string, out: (line: string) => void): number {
  let passed = 0
  let failed = 0
  try {
    for (const name of vectorFiles(folder)) {
      for (const { name: vector, input, expected } of readVectors(join(folder, name))) {
        const found = differences(answer(input), expected)
        for (const difference of found) out(`${vector}: ${difference}`)
        if (found.length === 0) passed++
        else failed++
      }
    }
  } catch (error) {
    out(error instanceof Error ? error.message : String(error))
    return 2
  }
  out(`${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

function vectorFiles(folder: string): readonly string[] {
  const names = readdirSync(folder).filter(name => name.endsWith('.json'))
  if (names.length === 0)
    throw new Error(`${folder}: no conformance vectors (*.json) in this folder`)
  return names.sort()
}

function readVectors(path: string): readonly Vector[] {
  try {
    return parseVectors(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
