import type { MigrationFile } from './file.js'

/** A migration directory as the command line of Atlas would open it. */
export interface Directory {
  /** Sorted by full name, bytewise. */
  readonly files: readonly MigrationFile[]
  /** Text of atlas.sum; null when there is none. */
  readonly sumText: string | null
}
