import { realpath } from 'node:fs/promises'
import path from 'node:path'

/**
 * Whether a link ends outside of a folder, given by its real path. A link to nothing leads nowhere.
 */
export async function leadsOutOf(folder: string, link: string): Promise<boolean> {
  const target = await realpath(link).catch(() => null)
  if (target === null) return false
  const relative = path.relative(folder, target)
  return relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)
}
