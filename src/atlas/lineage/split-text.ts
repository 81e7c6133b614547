import type { MigrationFile } from '../directory/file.js'
import { SumChain } from '../directory/sum.js'
import { rowHash, type Revision } from '../engine/revision.js'
import { Budget } from './budget.js'

export interface SplitTextInput {
  /** Every file of the directory, sorted by name, bytewise. */
  readonly files: readonly MigrationFile[]
  /** The first row whose hash the directory does not give. */
  readonly row: Revision
  /** What stands under the version of the row today. */
  readonly file: MigrationFile
  /** Files that may hold what is missing of it, in their order. */
  readonly candidates: readonly MigrationFile[]
}

/** Kilobytes that are hashed, and what each try costs beside them. */
const wholeBudget = 5000
const tryCost = 25

/** More files than one is split into. */
const mostParts = 5

/**
 * Finds the text that ran where a file was split and no old directory is known: the file and those
 * that follow it, joined, give the hash of the row. A split may leave out one line break.
 */
export function findSplitText({ files, row, file, candidates }: SplitTextInput): string | null {
  const at = files.indexOf(file)
  const budget = new Budget(wholeBudget)
  const chain = new SumChain()
  for (const earlier of files.slice(0, at)) {
    if (!budget.take(1 + (earlier.content.length >> 10))) return null
    chain.append(earlier)
  }
  for (let first = 0; first < candidates.length; first++)
    for (const between of ['', '\n']) {
      let content = file.content
      for (const part of candidates.slice(first, first + mostParts)) {
        content += between + part.content
        if (!budget.take(tryCost + (content.length >> 10))) return null
        const hash = chain.copy().append({ name: file.name, content, sumIgnored: false })
        if (hash === rowHash(row)) return content
      }
    }
  return null
}
