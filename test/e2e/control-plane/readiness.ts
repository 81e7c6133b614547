import { request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChildProgram } from '../programs/child-program.js'
import { ControlPlaneError } from './control-plane-error.js'
import type { ClusterAddress } from './kubeconfig.js'

export interface ReadinessWait {
  readonly program: ChildProgram
  readonly cluster: ClusterAddress
  readonly token: string
  readonly timeoutMs: number
}

/** Resolves when `/readyz` says ok. @throws ControlPlaneError with the last lines of the log when it does not. */
export async function waitUntilReady(wait: ReadinessWait): Promise<void> {
  const { program, timeoutMs } = wait
  const end = performance.now() + timeoutMs
  let answer = 'no answer'
  while (performance.now() < end && program.isRunning()) {
    answer = await readReadiness(wait)
    if (answer === '200') return
    await sleep(100)
  }
  const why = program.isRunning()
    ? `was not ready within ${timeoutMs / 1000} s (/readyz: ${answer})`
    : 'ended at its start'
  throw new ControlPlaneError(
    `${program.name} ${why}. The last lines of its log:\n${await program.lastLogLines(20)}`,
  )
}

/** The status code, or the code of the error. */
function readReadiness({ cluster, token }: ReadinessWait): Promise<string> {
  const { promise, resolve } = withResolvers<string>()
  request(`${cluster.url}/readyz`, {
    ca: cluster.authority,
    headers: { authorization: `Bearer ${token}` },
    agent: false,
    timeout: 2000,
  })
    .on('response', response => {
      response.resume()
      resolve(String(response.statusCode))
    })
    .on('timeout', function abort(this: { destroy(): void }) {
      this.destroy()
    })
    .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
    .end()
  return promise
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>(settle => (resolve = settle))
  return { promise, resolve }
}
