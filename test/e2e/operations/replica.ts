import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reservePort } from '../../../src/database/embedded/embedded-server.js'
import { type ChildProgram, startChild } from '../programs/child-program.js'
import type { ManifestObject } from '../gate/installed-manifest.js'
import { type ProbeAnswer, readProbe } from './load-balancer.js'

/** A process that runs as a container of the Deployment does. */
export interface Replica {
  readonly port: number
  probe(path: '/livez' | '/startupz' | '/readyz'): Promise<ProbeAnswer>
  metrics(): Promise<string>
  /** The lines of its log. */
  log(): Promise<readonly LogLine[]>
  isRunning(): boolean
  /** As a kubelet stops it: SIGTERM, and SIGKILL after the pod's grace. Resolves to the exit code. */
  stop(): Promise<number | null>
}

export interface LogLine {
  readonly level: string
  readonly msg: string
  readonly [key: string]: unknown
}

export interface ReplicaOptions {
  readonly deployment: ManifestObject
  readonly kubeconfig: string
  readonly policyFile: string
  /** For its log. */
  readonly folder: string
}

/** Starts it; it is not ready yet. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { deployment, kubeconfig, policyFile, folder } = options
  const port = await reservePort()
  const metricsPort = await reservePort()
  const { graceSeconds, args, environment } = podOf(deployment)
  const logFile = join(folder, `replica-${port}.log`)
  const program = await startChild('replica', {
    program: process.execPath,
    // The last of several values of an option counts.
    arguments: [
      join('dist', 'src', 'main.js'),
      ...args,
      `--kubeconfig=${kubeconfig}`,
      `--policy=${policyFile}`,
      `--listen=127.0.0.1:${port}`,
      `--metrics-listen=127.0.0.1:${metricsPort}`,
    ],
    environment,
    graceSeconds,
    logFile,
  })
  return {
    port,
    probe: path => readProbe(port, path),
    metrics: async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text(),
    log: async () => parseLog(await readFile(logFile, 'utf8')),
    isRunning: () => program.isRunning(),
    stop: () => stop(program),
  }
}

async function stop(program: ChildProgram): Promise<number | null> {
  await program.stop()
  return program.exitCode()
}

/** What of the pod matters to a process that is in none. */
function podOf(deployment: ManifestObject) {
  const { template } = deployment['spec'] as { readonly template: { readonly spec: PodSpec } }
  const { terminationGracePeriodSeconds, containers } = template.spec
  const [container] = containers
  if (!container) throw new Error('the Deployment has no container')
  const variables = (container.env ?? []).map(({ name, value }) => [name, value] as const)
  return {
    graceSeconds: terminationGracePeriodSeconds,
    args: container.args,
    environment: Object.fromEntries(variables),
  }
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly containers: readonly {
    readonly args: readonly string[]
    readonly env?: readonly { readonly name: string; readonly value: string }[]
  }[]
}

/** Node's own words, should it ever say any, are lines too. */
function parseLog(text: string): readonly LogLine[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => {
      try {
        return JSON.parse(line) as LogLine
      } catch {
        return { level: 'fatal', msg: line }
      }
    })
}
