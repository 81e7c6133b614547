import { readdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { sumFileName } from '../../atlas/directory/directory.js'
import { fileSuffix } from '../../atlas/directory/file.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import { CodedError } from '../../review/ports/coded-error.js'
import { leadsOutOf } from '../text/links.js'

/** A folder cannot be read as a migration directory. Exit code 2. */
export class MigrationFolderError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_MIGRATION_FOLDER'
}

/**
 * A folder of migration files as the data of a ConfigMap, whose keys are the names of the files.
 */
export interface MigrationFolder {
  readonly data: Readonly<Record<string, string>>
  /**
   * Names in it that Atlas does not read: folders, and files that are neither `*.sql` nor
   * atlas.sum.
   */
  readonly ignored: readonly string[]
}

/**
 * Reads the `.sql` files and atlas.sum of a folder, byte for byte. Folders below it are not part of
 * a directory.
 * @throws MigrationFolderError for a folder that cannot be read, for a link out of it, and for
 * bytes that are not UTF-8: a ConfigMap keeps those in binaryData, which the operator never reads.
 */
export async function readMigrationFolder(folder: string): Promise<MigrationFolder> {
  const entries = await reading(folder, () => readdir(folder, { withFileTypes: true }))
  const root = await reading(folder, () => realpath(folder))
  const names = entries
    .filter(entry => !entry.isDirectory() && isRead(entry.name))
    .map(({ name }) => name)
    .sort(compareBytewise)
  const contents: (readonly [string, string])[] = []
  for (const name of names) {
    const path = join(folder, name)
    if (await leadsOutOf(root, path)) throw new MigrationFolderError(linkProblem(path))
    contents.push([name, await readText(path)])
  }
  const ignored = entries.map(({ name }) => name).filter(name => !names.includes(name))
  return { data: Object.fromEntries(contents), ignored: ignored.sort(compareBytewise) }
}

function linkProblem(path: string): string {
  return `${path} is a link that leads out of the folder; it is not followed: put a copy in its place`
}

function isRead(name: string): boolean {
  return name.endsWith(fileSuffix) || name === sumFileName
}

async function readText(path: string): Promise<string> {
  const bytes = await reading(path, () => readFile(path))
  try {
    // Keeps a byte order mark, which the hash covers.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new MigrationFolderError(
      `${path}: expected UTF-8, found other bytes; the operator would never see the file: save it as UTF-8`,
      { cause: error },
    )
  }
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw new MigrationFolderError(
      `cannot read ${path}: ${reasons.get(code) ?? code}; expected a folder of migration files`,
      { cause: error },
    )
  }
}

const reasons: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ENOENT: 'nothing there',
    ENOTDIR: 'it is a file',
    EACCES: 'no right to read it',
  }),
)
