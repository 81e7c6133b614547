import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { EmbeddedPostgresError } from './embedded-postgres-error.js'
import type { ServerUser } from './server-user.js'

export interface Launch {
  readonly program: string
  readonly arguments: readonly string[]
  readonly folder: string
  readonly user: ServerUser | null
}

/**
 * A shell command that ends the server when this process's end of its standard input closes, which
 * the kernel does even after SIGKILL. `read` is built into the shell, so no third process stays
 * behind. SIGINT is PostgreSQL's fast shutdown.
 */
const followParent =
  'exec 3<&0; "$@" </dev/null & pg=$!; (read -r _ <&3; kill -INT $pg 2>/dev/null) & watch=$!; ' +
  'wait $pg; code=$?; kill $watch 2>/dev/null; exit $code'

/**
 * `LC_ALL=C` keeps messages in English. Nothing else of this process's environment (PGDATA…) may
 * reach the server.
 */
const environment = { LC_ALL: 'C', TZ: 'UTC', PATH: process.env['PATH'] }

function launch(
  program: string,
  args: readonly string[],
  options: Launch,
): ChildProcessWithoutNullStreams {
  return spawn(program, args, {
    cwd: options.folder,
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    // The server gets a process group of its own: Ctrl-C in a terminal then reaches only this
    // process, which ends the server in order.
    detached: true,
    ...options.user,
  })
}

/**
 * Resolves when the program runs. Rejects when it cannot be started at all, for example with EPERM
 * for another user.
 */
async function started(child: ChildProcessWithoutNullStreams, program: string): Promise<void> {
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `the built-in PostgreSQL could not start ${program}: ${(cause as NodeJS.ErrnoException).code}; ` +
        'check that the program may be executed, and do not run as root where users cannot be switched',
      { cause },
    )
  }
}

/** Runs a program to its end. Rejects with the last line that it wrote. */
export async function runProgram(options: Launch): Promise<void> {
  const child = launch(options.program, options.arguments, options)
  await started(child, options.program)
  child.stdin.end()
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-2000)))
  }
  const [code] = (await once(child, 'close')) as [number | null]
  if (code === 0) return
  const lastLine = output.trimEnd().split('\n').at(-1)
  throw new EmbeddedPostgresError(
    `the built-in PostgreSQL could not be set up (exit code ${code}): ${lastLine}`,
  )
}

/**
 * Finds a port that is free at this moment. PostgreSQL cannot take port 0 and tell which one it
 * got.
 */
export async function reservePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export interface RunningServer {
  stop(): Promise<void>
}

/**
 * Starts the server and waits until it takes connections. Resolves to null when another process
 * took the port meanwhile.
 * @throws EmbeddedPostgresError with the server's last line when it ends for any other reason.
 */
export async function startServer(options: Launch): Promise<RunningServer | null> {
  /* c8 ignore next 4 - there is no /bin/sh on Windows, and no root */
  const child =
    process.platform === 'win32'
      ? launch(options.program, options.arguments, options)
      : launch(
          '/bin/sh',
          ['-c', followParent, 'sh', options.program, ...options.arguments],
          options,
        )
  await started(child, options.program)
  // Writing to a child that has ended must not end this process.
  child.stdin.on('error', () => undefined)
  const exited = once(child, 'close')
  const lines: string[] = []
  const ready = await new Promise<boolean>(resolve => {
    createInterface({ input: child.stderr }).on('line', line => {
      lines.push(line)
      if (lines.length > 20) lines.shift()
      if (line.includes('database system is ready to accept connections')) resolve(true)
    })
    void exited.then(() => resolve(false))
  })
  child.stdout.resume()
  if (ready) return { stop: () => stopServer(child, exited) }
  if (lines.some(line => line.includes('could not bind'))) {
    return null
  }
  throw new EmbeddedPostgresError(`the built-in PostgreSQL did not start: ${lines.at(-1)}`)
}

async function stopServer(
  child: ChildProcessWithoutNullStreams,
  exited: Promise<unknown>,
): Promise<void> {
  /* c8 ignore next - see startServer */
  if (process.platform === 'win32') child.kill('SIGINT')
  child.stdin.end()
  await exited
}
