import { join } from 'node:path'
import { reservePort } from '../../../src/database/embedded/embedded-server.js'
import { type ChildProgram, startChild } from '../programs/child-program.js'
import { runProgram } from '../programs/run-program.js'

export interface RunningEtcd {
  readonly program: ChildProgram
  readonly url: string
}

/** Starts a store of its own below the folder. The API server waits for it, so nothing here does. */
export async function startEtcd(program: string, folder: string): Promise<RunningEtcd> {
  const url = `http://127.0.0.1:${await reservePort()}`
  const peer = `http://127.0.0.1:${await reservePort()}`
  const etcd = await startChild('etcd', {
    program,
    arguments: [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      ...(await durabilityOptions(program)),
    ],
    logFile: join(folder, 'etcd.log'),
  })
  return { program: etcd, url }
}

/** Nothing outlives the tests, so no write needs to reach the disk; Debian 12's 3.4 has no such option. */
async function durabilityOptions(program: string): Promise<readonly string[]> {
  const { stdout, stderr } = await runProgram(program, ['--help'])
  return `${stdout}${stderr}`.includes('unsafe-no-fsync') ? ['--unsafe-no-fsync'] : []
}
