import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import {
  makeFolder,
  postReview,
  type ReviewAnswer,
  type Run,
  startProgram,
} from '../cli/program.js'

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
  /** Asks `/livez` again and again until `stop`, which resolves to the longest answer in milliseconds. */
  readonly watchLiveness: () => { readonly stop: () => Promise<number> }
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
  const listen = ['--listen', '127.0.0.1:0', '--metrics-listen', 'off']
  const run = startProgram(t, ['serve', '--manifests', folder, ...listen, ...policyArgs, ...args], {
    environment,
  })
  const url = await servedUrl(run)
  return {
    url,
    run,
    store,
    post: (review, timeoutSeconds) => postReview(url, review, timeoutSeconds),
    isAlive: () => run.process.exitCode === null && run.process.signalCode === null,
    peakMemoryMib: () => peakMemoryMib(run.process.pid),
    watchLiveness: () => watchLiveness(url),
  }
}

async function servedUrl(run: Run): Promise<string> {
  await run.until('"msg":"serving"')
  const [url] = /https:\/\/127\.0\.0\.1:\d+/.exec(run.stdout()) ?? []
  return url!
}

function peakMemoryMib(pid: number | undefined): number | null {
  if (process.platform !== 'linux') return null
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}

/** Often enough that a loop blocked for 250 ms is seen. */
const probePauseMs = 50

function watchLiveness(url: string) {
  const stopped = new AbortController()
  const watched = (async () => {
    let longest = 0
    while (!stopped.signal.aborted) {
      longest = Math.max(longest, await probeMs(url))
      await sleep(probePauseMs)
    }
    return longest
  })()
  return {
    stop: () => {
      stopped.abort()
      return watched
    },
  }
}

/** The time to the answer of one probe on a connection of its own, as a kubelet asks. */
function probeMs(url: string): Promise<number> {
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/livez`, { rejectUnauthorized: false, agent: false }, response => {
      response.resume().once('end', () => resolve(performance.now() - begun))
    })
    sent.once('error', reject)
    sent.end()
  })
}
