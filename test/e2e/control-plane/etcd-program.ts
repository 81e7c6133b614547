import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findExecutable, findOnPath } from '../programs/find-program.js'
import { lastLines, runProgram } from '../programs/run-program.js'
import type { Log } from './go-program.js'

/** etcd as the system has it. Debian's 3.4 is enough for the API server of 1.36. */
export function findEtcd(): Promise<string | null> {
  return findOnPath('etcd')
}

/**
 * Takes etcd out of Debian's package `etcd-server`, without installing it: no root, no service that starts.
 * Resolves to null where there is no apt, or where it does not know the package.
 */
export async function downloadEtcd(folder: string, log: Log): Promise<string | null> {
  const tools = await Promise.all([findOnPath('apt-get'), findOnPath('dpkg-deb')])
  if (tools.includes(null)) return null
  await mkdir(folder, { recursive: true })
  const scratch = await mkdtemp(join(folder, '.etcd-'))
  try {
    const archive = await downloadPackage(scratch, log)
    if (!archive) return null
    await runProgram('dpkg-deb', ['-x', archive, scratch])
    const extracted = await findExecutable(join(scratch, 'usr', 'bin'), 'etcd')
    if (!extracted) return null
    await copyFile(extracted, join(scratch, 'etcd'))
    await rename(join(scratch, 'etcd'), join(folder, 'etcd'))
    log(`took etcd from Debian's etcd-server into ${folder}`)
    return join(folder, 'etcd')
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function downloadPackage(scratch: string, log: Log): Promise<string | null> {
  const download = () => runProgram('apt-get', ['download', 'etcd-server'], { folder: scratch })
  let run = await download()
  // An image often comes without package lists; only root may fetch them.
  if (run.code !== 0 && process.getuid?.() === 0) {
    await runProgram('apt-get', ['update', '-q'])
    run = await download()
  }
  const archive = (await readdir(scratch)).find(name => name.endsWith('.deb'))
  if (archive) return join(scratch, archive)
  log(`apt-get gives no etcd-server: ${lastLines(run.stderr, 1)}`)
  return null
}
