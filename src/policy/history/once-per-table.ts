import type { Directory } from '../../atlas/directory/directory.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import type { Revision } from '../../atlas/engine/revision.js'
import { SharedSteps, type Steps } from '../../atlas/lineage/steps.js'

/** A directory, and the rows of the table that it is compared with. */
export interface AppliedFiles {
  readonly directory: Pick<Directory, 'files' | 'sum'>
  readonly rows: readonly Revision[]
  /** Other directories whose texts may have run. */
  readonly others: readonly (readonly MigrationFile[])[]
}

/**
 * Remembers what follows from a directory and the rows of a table as long as the rows live.
 * Hundreds of AtlasMigrations may use one ConfigMap and one database, and a review traces their
 * common lineage once.
 */
export function oncePerTable<Derived>(
  derive: (applied: AppliedFiles) => Steps<Derived>,
): (applied: AppliedFiles) => Steps<Derived> {
  interface Known {
    readonly applied: AppliedFiles
    readonly work: SharedSteps<Derived>
  }
  const ofRows = new WeakMap<readonly Revision[], Known[]>()
  return applied => {
    const known = ofRows.get(applied.rows) ?? []
    ofRows.set(applied.rows, known)
    const same = known.find(other => isSame(other.applied, applied))
    if (same) return same.work.run()
    const work = new SharedSteps(derive(applied))
    known.push({ applied, work })
    return work.run()
  }
}

/** Whether the files are the same objects, which never change. */
function isSame(a: AppliedFiles, b: AppliedFiles): boolean {
  return (
    a.directory.files === b.directory.files &&
    a.others.length === b.others.length &&
    a.others.every((files, index) => files === b.others[index])
  )
}
