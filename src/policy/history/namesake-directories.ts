import type { Directory } from '../../atlas/directory/directory.js'
import type { Facts } from '../facts/facts.js'
import { oncePerFacts } from '../facts/once-per-facts.js'
import { knownFiles } from './live-history.js'

/**
 * Directories of other AtlasMigrations on this table that number their files alike, with other texts.
 * Atlas knows a file by its version only, so whatever one of them has run counts as done for the
 * other.
 *
 * A few texts that differ are an edit on the way from one object to its successor, so at least half
 * of the common versions have to differ.
 */
export const namesakeDirectories = oncePerFacts((facts: Facts): ReadonlySet<Directory> => {
  const own = new Map(knownFiles(facts)?.map(file => [file.version, file.content]))
  // Hundreds of AtlasMigrations may use one directory, which is compared once.
  const others = new Set(facts.sharing.flatMap(({ directory }) => (directory ? [directory] : [])))
  return new Set(
    [...others].filter(({ files }) => {
      const common = files.filter(({ version }) => own.has(version))
      const different = common.filter(({ version, content }) => own.get(version) !== content)
      return different.length > 0 && different.length * 2 >= common.length
    }),
  )
})
