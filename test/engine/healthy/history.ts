import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildDirectory,
  sumFileName,
  type Directory,
} from '../../../src/atlas/directory/directory.js'
import { printSum } from '../../../src/atlas/directory/sum.js'
import { readMigrationFolder } from '../../../src/manifests/read/migration-folder.js'

/** What a directory needs besides its files, from `history.json` in its folder. All is optional. */
export interface HistoryOptions {
  /** Statements that a superuser runs in the new database before anything else. */
  readonly prepare?: readonly string[]
  /** The schema that the URL binds to. */
  readonly searchPath?: string
  /** `spec.baseline`: the files up to it were run by hand, without rows. */
  readonly baseline?: string
  readonly execOrder?: 'linear' | 'linear-skip' | 'non-linear'
  /** Names of the files that ran together, where Atlas did not run them in the order of their names. */
  readonly deliveries?: readonly (readonly string[])[]
  /** Whether the files are run by a superuser. Default: by the owner of the database. */
  readonly superuser?: boolean
}

/** A migration directory, and how its databases came to be. */
export interface History {
  readonly name: string
  readonly data: Readonly<Record<string, string>>
  readonly directory: Directory
  readonly options: HistoryOptions
}

/**
 * Reads a folder of migration files. An atlas.sum that is not there is made, and with `rehash` also
 * in place of one that is.
 */
export async function readHistory(folder: string, rehash = false): Promise<History> {
  const { data } = await readMigrationFolder(folder)
  const path = join(folder, 'history.json')
  const options = existsSync(path) ? readFileSync(path, 'utf8') : '{}'
  const sum = { [sumFileName]: printSum(buildDirectory(data).sum()) }
  const hashed = rehash ? { ...data, ...sum } : { ...sum, ...data }
  return {
    name: folder,
    data: hashed,
    directory: buildDirectory(hashed),
    options: JSON.parse(options) as HistoryOptions,
  }
}
