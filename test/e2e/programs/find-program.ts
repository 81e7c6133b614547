import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** The path of a program that may be executed, or null. */
export async function findExecutable(folder: string, name: string): Promise<string | null> {
  const path = join(folder, name)
  return access(path, constants.X_OK).then(
    () => path,
    () => null,
  )
}

/** The first of that name in the folders of PATH. */
export async function findOnPath(name: string): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = folder ? await findExecutable(folder, name) : null
    if (path) return path
  }
  return null
}
