import type { MigrationFile } from '../../atlas/directory/file.js'
import type { Revision } from '../../atlas/engine/revision.js'

/**
 * A file whose text, or a part of it, ran on this database under other versions. `migrate rebase`
 * gives a file a new version, and a squash joins several files: Atlas takes both for new.
 */
export interface RepeatedFile {
  readonly file: MigrationFile
  /** The rows under which the text ran, in the order of their versions. */
  readonly rows: readonly Revision[]
  /** Whether the file also has statements that did not run with these rows. */
  readonly hasRest: boolean
  /** Whether it has other comments or another layout, so that it is not the file that ran. */
  readonly isReworded?: boolean
  /** Whether the files of these rows are still there, so that the text is there twice. */
  readonly isKept: boolean
  /** Whether it is a part of what ran as these rows, as after a split. */
  readonly isPart?: boolean
  /** Whether it is not certain that the text ran. */
  readonly isUnsure?: boolean
}
