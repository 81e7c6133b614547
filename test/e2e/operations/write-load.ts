import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiCall, type ApiCaller, messageOf, openApiCaller } from './api-caller.js'

/** Writes that go on until they are stopped. */
export interface WriteLoad {
  stop(): Promise<LoadOutcome>
}

export interface LoadOutcome {
  /** Writes that were answered as they should have been. */
  readonly done: number
  /** The others: what was written, and the answer. */
  readonly failures: readonly string[]
  readonly slowestMs: number
}

export interface LoadOptions {
  readonly kubeconfig: string
  readonly namespace: string
  /** A database for each writer: objects that share one would be denied. */
  readonly databaseUrls: readonly string[]
  /** A directory that the gate has no objection to. */
  readonly files: Readonly<Record<string, string>>
  /** One that only the webhook denies. */
  readonly brokenFiles: Readonly<Record<string, string>>
}

/** Between two writes of one writer: a rate that a busy machine can hold. */
const pauseMs = 100

/**
 * Each writer creates an AtlasMigration, changes it and deletes it, over and over, and tries one that must be denied: a
 * write that passes unjudged is as wrong as one that fails.
 */
export async function startWriteLoad(options: LoadOptions): Promise<WriteLoad> {
  const caller = await openApiCaller(options.kubeconfig)
  const end = new AbortController()
  const answers: Answer[] = []
  const write = async (step: Step) => {
    answers.push(await perform(caller, step))
    await sleep(pauseMs)
  }
  const writers = options.databaseUrls.map(async (url, index) => {
    const steps = stepsOf(options, url, index)
    while (!end.signal.aborted) for (const step of steps) await write(step)
  })
  return {
    async stop() {
      end.abort()
      await Promise.all(writers)
      caller.close()
      const failures = answers.flatMap(({ failure }) => failure ?? [])
      return {
        done: answers.length - failures.length,
        failures,
        slowestMs: Math.max(...answers.map(({ ms }) => ms)),
      }
    },
  }
}

interface Step {
  readonly call: ApiCall
  readonly expected: number
  /** In the message of the answer. */
  readonly text?: string
}

function stepsOf(options: LoadOptions, url: string, index: number): readonly Step[] {
  const { namespace, files, brokenFiles } = options
  const path = `/apis/db.atlasgo.io/v1alpha1/namespaces/${namespace}/atlasmigrations`
  const name = `load-${index}`
  const create = (name: string, local: object): ApiCall => ({
    method: 'POST',
    path,
    body: {
      apiVersion: 'db.atlasgo.io/v1alpha1',
      kind: 'AtlasMigration',
      metadata: { name },
      spec: { url, dir: { local } },
    },
  })
  const change = (backoffLimit: number): Step => ({
    call: { method: 'PATCH', path: `${path}/${name}`, body: { spec: { backoffLimit } } },
    expected: 200,
  })
  return [
    { call: create(name, files), expected: 201 },
    change(1),
    { call: create(`broken-${index}`, brokenFiles), expected: 403, text: 'checksum mismatch' },
    change(2),
    { call: { method: 'DELETE', path: `${path}/${name}` }, expected: 200 },
  ]
}

interface Answer {
  readonly failure: string | null
  readonly ms: number
}

async function perform(caller: ApiCaller, { call, expected, text = '' }: Step): Promise<Answer> {
  const started = performance.now()
  const reply = await caller.call(call)
  const ms = Math.round(performance.now() - started)
  const { status } = reply
  const message = messageOf(reply)
  const isRight = status === expected && message.includes(text)
  const at = new Date().toISOString()
  const failure = isRight ? null : `${at} ${call.method} ${call.path}: ${status} ${message}`
  return { failure, ms }
}
