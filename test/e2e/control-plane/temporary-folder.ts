import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Programs that write into the folder may take five seconds to end, and may make it again until then. */
const removeAfterParent = `
read -r _
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do rm -rf -- "$1"; sleep 0.5; done`

export interface TemporaryFolder {
  readonly path: string
  /** Removes it. What runs in it has to be stopped before. */
  remove(): Promise<void>
}

/**
 * A folder that only this user reads and that goes with this process: the kernel closes our end of a pipe however
 * we end, SIGKILL included, and a shell at its other end removes the folder.
 */
export async function makeTemporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), prefix))
  await chmod(path, 0o700)
  const keeper = spawn('/bin/sh', ['-c', removeAfterParent, 'sh', path], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const exited = once(keeper, 'exit')
  await once(keeper, 'spawn')
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true })
      keeper.kill('SIGKILL')
      await exited
    },
  }
}
