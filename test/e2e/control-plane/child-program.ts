import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { lastLines } from './run-program.js'

export interface ChildOptions {
  readonly program: string
  readonly arguments: readonly string[]
  /** Takes standard output and error; appended to. */
  readonly logFile: string
}

/** A program that runs until it is stopped, at the latest when this process ends, even by SIGKILL. */
export interface ChildProgram {
  readonly name: string
  isRunning(): boolean
  /** SIGTERM, and SIGKILL after five seconds. Resolves when it is gone; does nothing when it is gone already. */
  stop(): Promise<void>
  lastLogLines(count: number): Promise<string>
}

/**
 * The kernel closes our end of the standard input however we end, and `read` returns. Only built-ins wait, so no
 * process of another name is left behind; the programs must not inherit the pipe, or would keep each other alive.
 */
const followParent = `
exec 3<&0
"$@" </dev/null 3<&- & child=$!
(
  read -r _ <&3
  kill -TERM $child
  for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; kill -0 $child || exit; done
  kill -KILL $child
) >/dev/null 2>&1 & watch=$!
exec 3<&-
wait $child; code=$?
kill $watch 2>/dev/null
exit $code`

/** Proxies and kubeconfigs of the user must not reach the programs. */
const environment = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }

export async function startChild(name: string, options: ChildOptions): Promise<ChildProgram> {
  const log = await open(options.logFile, 'a', 0o600)
  const child = spawn(
    '/bin/sh',
    ['-c', followParent, 'sh', options.program, ...options.arguments],
    // Its own group: Ctrl-C in a terminal reaches the tests first, and they end it in order.
    { env: environment, stdio: ['pipe', log.fd, log.fd], detached: true },
  )
  const exited = once(child, 'exit')
  await once(child, 'spawn')
  await log.close()
  child.stdin?.on('error', () => undefined)
  return {
    name,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      child.stdin?.end()
      await exited
    },
    lastLogLines: async count => lastLines(await readFile(options.logFile, 'utf8'), count),
  }
}
