import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Test } from 'tap'
import { makeFolder, postReview, type ReviewAnswer, type Run } from '../../cli/program.js'
import { startServing } from '../../cli/serving.js'

/** The built program as a child process that serves a folder, seen from outside only. */
export interface AttackedGate {
  readonly url: string
  readonly run: Run
  /** Replaces what the gate takes for the cluster; it follows the folder, so give it a moment. */
  readonly store: (objects: readonly unknown[]) => void
  readonly post: (review: unknown, timeoutSeconds?: number) => Promise<ReviewAnswer>
  readonly isAlive: () => boolean
  /** The most memory that the process has had so far, in MiB (VmHWM of proc(5)); null where there is no /proc. */
  readonly peakMemoryMib: () => number | null
  /** Asks `/livez` again and again until `stop`, which resolves to what was worst. */
  readonly watchLiveness: () => Promise<{ readonly stop: () => Promise<Liveness> }>
}

/** Both in milliseconds. */
export interface Liveness {
  /** The longest time to an answer of `/livez`: on a busy machine mostly that of others. */
  readonly answerMs: number
  /**
   * The longest time of the processor between two rounds of the gate's event loop; 0 where there is
   * no /proc. What others do on the machine does not count.
   */
  readonly blockedMs: number
}

export interface AttackedGateOptions {
  readonly objects?: readonly unknown[]
  /** Text of the policy file; none: the built-in defaults. */
  readonly policy?: string
  /** More arguments of `serve`. */
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** Starts `serve --manifests` on a free port, as a user would; it ends with the test. */
export async function startAttackedGate(
  t: Test,
  { objects = [], policy, args = [], environment = {} }: AttackedGateOptions = {},
): Promise<AttackedGate> {
  const folder = makeFolder(t)
  const store = (items: readonly unknown[]) =>
    writeFileSync(
      join(folder, 'objects.json'),
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    )
  store(objects)
  const policyArgs =
    policy === undefined
      ? []
      : ['--policy', join(makeFolder(t, { 'policy.yaml': policy }), 'policy.yaml')]
  const loopFile = join(makeFolder(t), 'longest')
  const gate = ['--manifests', folder, '--metrics-listen', 'off', ...policyArgs, ...args]
  const run = await startServing(t, gate, {
    environment: { ...environment, LOOP_WATCH_FILE: loopFile },
    node: process.platform === 'linux' ? ['--import', loopWatch] : [],
    isCounted: false,
  })
  const { url } = run
  return {
    url,
    run,
    store,
    post: (review, timeoutSeconds) => postReview(url, review, timeoutSeconds),
    isAlive: () => run.process.exitCode === null && run.process.signalCode === null,
    peakMemoryMib: () => peakMemoryMib(run.process.pid),
    watchLiveness: () => watchLiveness(url, { run, loopFile }),
  }
}

function peakMemoryMib(pid: number | undefined): number | null {
  if (process.platform !== 'linux') return null
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

const loopWatch = new URL('./loop-watch.js', import.meta.url).href
const prober = new URL('./liveness-prober.js', import.meta.url)

interface WatchedLoop {
  readonly run: Run
  readonly loopFile: string
}

async function watchLiveness(url: string, { run, loopFile }: WatchedLoop) {
  if (process.platform === 'linux') run.process.kill('SIGUSR2')
  let answerMs = 0
  const worker = new Worker(prober, { workerData: url })
  worker.on('message', (ms: number) => (answerMs = Math.max(answerMs, ms)))
  await once(worker, 'message')
  return {
    stop: async (): Promise<Liveness> => {
      // A probe that is under way is part of it.
      await once(worker, 'message')
      await worker.terminate()
      // Two milliseconds after its longest stretch, the gate has noted it.
      await sleep(50)
      const blockedMs = existsSync(loopFile) ? Number(readFileSync(loopFile, 'utf8')) : 0
      return { answerMs: Math.round(answerMs), blockedMs: Math.round(blockedMs) }
    },
  }
}
