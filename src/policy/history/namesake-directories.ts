import type { Directory } from '../../atlas/directory/directory.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import type { Facts } from '../facts/facts.js'
import { oncePerFacts } from '../facts/once-per-facts.js'
import { knownFiles } from './live-history.js'

/**
 * Directories of other AtlasMigrations on this table that number their files alike, with other texts.
 * Atlas knows a file by its version only, so whatever one of them has run counts as done for the
 * other. One that these files hold under whatever version has been merged into them.
 */
export const namesakeDirectories = oncePerFacts((facts: Facts): ReadonlySet<Directory> => {
  const own = knownFiles(facts) ?? []
  const isNamesake = namesakeTest(own)
  // Hundreds of AtlasMigrations may use one directory, which is compared once.
  const others = new Set(facts.sharing.flatMap(({ directory }) => (directory ? [directory] : [])))
  return new Set([...others].filter(({ files }) => isNamesake(files) && !holdsTexts(own, files)))
})

/** Whether the files have all texts of the others, under whatever versions. */
export function holdsTexts(
  files: readonly MigrationFile[],
  others: readonly MigrationFile[],
): boolean {
  const texts = new Set(files.map(({ content }) => content))
  return others.every(({ content }) => texts.has(content))
}

/**
 * Makes a test for files that are other migrations under the same versions. A few texts that differ
 * are an edit on the way from one object to its successor, so at least half of the common versions
 * have to differ.
 */
export function namesakeTest(
  own: readonly MigrationFile[],
): (files: readonly MigrationFile[]) => boolean {
  const texts = new Map(own.map(file => [file.version, file.content]))
  return files => {
    const common = files.filter(({ version }) => texts.has(version))
    const different = common.filter(({ version, content }) => texts.get(version) !== content)
    return different.length > 0 && different.length * 2 >= common.length
  }
}
