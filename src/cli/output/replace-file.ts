import { randomUUID } from 'node:crypto'
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Writes a file so that a reader finds either the old text or the new one: a new file in the same
 * folder takes over the name. Follows a symbolic link; a device or a pipe is written to directly.
 * Rejects with the error of the file system.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path)
  const old = await stat(target).catch(() => null)
  if (old !== null && !old.isFile()) return writeFile(target, text)
  const fresh = join(dirname(target), `.${basename(target).slice(0, longestName)}.${randomUUID()}`)
  try {
    await writeFile(fresh, text, { flag: 'wx' })
    await rename(fresh, target)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}

/**
 * Characters of the name that are kept. A name may have 255 bytes: at most four for each character,
 * and 38 for what is added.
 */
const longestName = 50
