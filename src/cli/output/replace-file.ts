import { randomUUID } from 'node:crypto'
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Writes a file so that a reader finds the old text or the new one, never a half: a new file in the same folder takes
 * the name. Follows a symbolic link; a device or a pipe is written to as it is.
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

/** 255 bytes are allowed for a name: at most four for each character, and 38 for what is added. */
const longestName = 50
