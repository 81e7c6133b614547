import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { reservePort } from '../../src/database/embedded/embedded-server.js'
import { currentUser, readServerUser } from '../../src/database/embedded/server-user.js'

/** In transaction mode, in front of a server on 127.0.0.1; its port, or null where it is not installed. */
export async function startPgBouncer(t: Test, serverPort: number): Promise<number | null> {
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'))
  await chmod(folder, 0o755)
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const port = await reservePort()
  const file = join(folder, 'pgbouncer.ini')
  await writeFile(
    file,
    `[databases]
* = host=127.0.0.1 port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
pool_mode = transaction
default_pool_size = 4
ignore_startup_parameters = extra_float_digits
`,
  )
  await writeFile(join(folder, 'users.txt'), '"operator" ""\n"postgres" ""\n')
  const user = await readServerUser(currentUser())
  const bouncer = spawn('pgbouncer', [file], { stdio: 'ignore', ...user })
  const failed = once(bouncer, 'error').then(
    () => true,
    () => true,
  )
  t.teardown(() => bouncer.kill('SIGKILL'))
  const listens = (async () => {
    for (let attempt = 0; attempt < 100; attempt++) {
      if (await answers(port)) return false
      await sleep(100)
    }
    throw new Error('PgBouncer does not listen after 10 s')
  })()
  return (await Promise.race([failed, listens])) ? null : port
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
