import { request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'

/**
 * A thread that asks `/livez` again and again, and tells each answer's time. It is a thread of its
 * own, because the one that attacks is busy writing what it sends.
 */

/** Often enough that a loop blocked for 250 ms is seen. */
const probePauseMs = 50

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

for (;;) {
  const answerMs = await probeMs(workerData as string)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(answerMs)
  await sleep(probePauseMs)
}
