import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import {
  platformPackage,
  resolveBinaries,
  runInPlace,
  stageBinaries,
} from '../../src/database/embedded/embedded-binaries.js'
import {
  reservePort,
  runProgram,
  startServer,
} from '../../src/database/embedded/embedded-server.js'
import { currentUser, readServerUser } from '../../src/database/embedded/server-user.js'

/** A server on a data folder that outlives it. */
export interface FolderServer {
  readonly port: number
  readonly url: (database: string, user?: string, host?: string) => string
  readonly stop: () => Promise<void>
}

/** Data folders of PostgreSQL that can be stopped, copied and started again. */
export interface Clusters {
  readonly initialize: (name: string) => Promise<void>
  /** As a snapshot of the volume does it; the server is to be stopped. */
  readonly copy: (from: string, to: string) => Promise<void>
  readonly start: (name: string, port?: number) => Promise<FolderServer>
}

const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off']

/** For `nobody` when we are root: PostgreSQL refuses root. */
export async function openClusters(t: Test): Promise<Clusters> {
  const folder = await mkdtemp(join(tmpdir(), 'copied-cluster-'))
  await chmod(folder, 0o711)
  const user = await readServerUser(currentUser())
  const original = resolveBinaries(platformPackage(process.platform, process.arch))
  const native = (await runInPlace(original, process.getuid?.() === 0))
    ? original
    : await stageBinaries(original, folder)
  const running = new Set<() => Promise<void>>()
  t.teardown(async () => {
    for (const stop of running) await stop()
    await rm(folder, { recursive: true, force: true })
  })
  const run = (program: string, ...args: readonly string[]) =>
    runProgram({ program, arguments: args, folder, user })
  return {
    async initialize(name) {
      const data = join(folder, name)
      await mkdir(data, { mode: 0o700 })
      if (user) await chown(data, user.uid, user.gid)
      const options = ['--username=postgres', '--auth=trust', '--locale=C', '--no-sync']
      await run(join(native, 'bin', 'initdb'), `--pgdata=${data}`, '--wal-segsize=1', ...options)
    },
    async copy(from, to) {
      await cp(join(folder, from), join(folder, to), { recursive: true, preserveTimestamps: true })
      if (user) await chownAll(join(folder, to), user)
    },
    async start(name, port) {
      const chosen = port ?? (await reservePort())
      const args = ['-D', join(folder, name), '-p', `${chosen}`]
      const more = settings.flatMap(setting => ['-c', setting])
      const program = join(native, 'bin', 'postgres')
      const server = await startServer({ program, arguments: [...args, ...more], folder, user })
      if (server === null) throw new Error(`port ${chosen} is taken`)
      const stop = () => {
        running.delete(stop)
        return server.stop()
      }
      running.add(stop)
      return {
        port: chosen,
        url: (database, role = 'postgres', host = '127.0.0.1') =>
          `postgres://${role}@${host}:${chosen}/${database}?sslmode=disable`,
        stop,
      }
    },
  }
}

async function chownAll(
  path: string,
  user: { readonly uid: number; readonly gid: number },
): Promise<void> {
  await chown(path, user.uid, user.gid)
  for (const entry of await readdir(path, { recursive: true }))
    await chown(join(path, entry), user.uid, user.gid)
}
