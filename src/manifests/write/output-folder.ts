import { randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CodedError } from '../../review/ports/coded-error.js'

/** Nothing can be written at the path, or something there must not be lost. Exit code 2. */
export class OutputFolderError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_OUTPUT_FOLDER'
}

/** Texts by name. Names have no folders. */
export type FolderFiles = ReadonlyMap<string, string>

/**
 * The texts in a folder that may be replaced, by name; null when there is nothing at the path.
 * @throws OutputFolderError when something else is at the path, and for entries that `isOurs` does
 * not accept: replacing the folder would lose them.
 */
export function readOutputFolder(
  path: string,
  isOurs: (name: string) => boolean,
): FolderFiles | null {
  const entries = listFolder(path)
  if (entries === null) return null
  const foreign = entries.filter(entry => !entry.isFile() || !isOurs(entry.name))
  const [first] = foreign.map(({ name }) => name).sort()
  if (first !== undefined)
    throw new OutputFolderError(
      `${path} also holds ${first}, which would be lost; name another folder, or move it away`,
    )
  const names = entries.map(({ name }) => name).sort()
  return new Map(names.map(name => [name, readFileSync(join(path, name), 'utf8')]))
}

function listFolder(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw failure(path, error)
  }
}

/**
 * Writes a folder so that either all of it is there or nothing has changed: a new folder is written
 * beside it, and then takes over its name. What was there before is replaced as a whole. It is
 * synchronous, so that no signal comes in between.
 * @throws OutputFolderError
 */
export function writeOutputFolder(path: string, files: FolderFiles): void {
  const target = attempt(path, () => resolveTarget(path))
  const mark = randomBytes(6).toString('hex')
  const fresh = join(dirname(target), `.${basename(target)}.${mark}.new`)
  attempt(path, () => mkdirSync(fresh))
  try {
    for (const [name, text] of files) writeFileSync(join(fresh, name), text, { flag: 'wx' })
    replaceFolder(target, fresh, `${fresh.slice(0, -4)}.old`)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    throw failure(path, error)
  }
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw failure(path, error)
  }
}

/** The real path: of a link, its folder is replaced and the link stays. */
function resolveTarget(path: string): string {
  // A link that leads nowhere exists as well, and must not be replaced.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return join(path)
  const target = realpathSync(path)
  // Without this check the folder could be renamed, and only then its files could not be removed.
  accessSync(target, constants.W_OK)
  return target
}

function replaceFolder(target: string, fresh: string, old: string): void {
  const existed = tryRename(target, old)
  try {
    renameSync(fresh, target)
    /* c8 ignore start - the name was just made free: only another process can come between */
  } catch (error) {
    if (existed) renameSync(old, target)
    throw error
  }
  /* c8 ignore stop */
  if (existed) rmSync(old, { recursive: true, force: true })
}

/** Renames a path. False when it does not exist. */
function tryRename(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    /* c8 ignore start - a mount point, which only root could make for a test */
    throw error
  }
}
/* c8 ignore stop */

function failure(path: string, cause: unknown): OutputFolderError {
  const { code = '' } = cause as NodeJS.ErrnoException
  return new OutputFolderError(
    `cannot write the folder ${path}: ${reasons.get(code) ?? code}; nothing has changed`,
    { cause },
  )
}

const reasons: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ENOTDIR: 'it is a file, or below one',
    ENOENT: 'the folder around it, or what it links to, does not exist',
    EACCES: 'no right to write there',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
  }),
)
