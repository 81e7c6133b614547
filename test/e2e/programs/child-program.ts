import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { lastLines } from './run-program.js'

export interface ChildOptions {
  readonly program: string
  readonly arguments: readonly string[]
  /** Takes standard output and error; appended to. */
  readonly logFile: string
  /** In addition to the path. */
  readonly environment?: Readonly<Record<string, string>>
  /** From SIGTERM to SIGKILL. Default: five seconds. */
  readonly graceSeconds?: number
}

/** A program that runs until it is stopped, at the latest when this process ends, even by SIGKILL. */
export interface ChildProgram {
  readonly name: string
  isRunning(): boolean
  /** SIGTERM, and SIGKILL after the grace. Resolves when it is gone; does nothing when it is gone already. */
  stop(): Promise<void>
  /** null while it runs. A signal counts as 128 and its number, as a shell has it. */
  exitCode(): number | null
  lastLogLines(count: number): Promise<string>
}

/**
 * The kernel closes our end of the standard input however we end, and `read` returns. Only built-ins wait, so no
 * process of another name is left behind; the programs must not inherit the pipe, or would keep each other alive.
 */
const followParent = `
exec 3<&0
grace=$1; shift
"$@" </dev/null 3<&- & child=$!
(
  read -r _ <&3
  kill -TERM $child
  while [ $grace -gt 0 ]; do sleep 0.5; kill -0 $child || exit; grace=$((grace - 1)); done
  kill -KILL $child
) >/dev/null 2>&1 & watch=$!
exec 3<&-
wait $child; code=$?
kill $watch 2>/dev/null
exit $code`

const defaultGraceSeconds = 5

/** Proxies and kubeconfigs of the user must not reach the programs. */
const bareEnvironment = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }

export async function startChild(name: string, options: ChildOptions): Promise<ChildProgram> {
  const log = await open(options.logFile, 'a', 0o600)
  const halfSeconds = String(2 * (options.graceSeconds ?? defaultGraceSeconds))
  const child = spawn(
    '/bin/sh',
    ['-c', followParent, 'sh', halfSeconds, options.program, ...options.arguments],
    // Its own group: Ctrl-C in a terminal reaches the tests first, and they end it in order.
    {
      env: { ...bareEnvironment, ...options.environment },
      stdio: ['pipe', log.fd, log.fd],
      detached: true,
    },
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
    exitCode: () => child.exitCode,
    lastLogLines: async count => lastLines(await readFile(options.logFile, 'utf8'), count),
  }
}
