import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { makeFolder, postReview } from '../cli/program.js'
import { type Serving, startServing } from '../cli/serving.js'
import { reviewOf } from '../webhook/running-server.js'

t.setTimeout(300_000)

/** In the callbacks of every request's socket, and all the time in timers and promises. */
const faults = `
subscribe('http.server.request.start', ({ request }) => {
  request.socket.once('close', () => { throw new Error('s3cr3t in a socket') })
})
setInterval(() => { throw new TypeError('s3cr3t in a timer') }, 100).unref()
setInterval(() => void Promise.reject(new RangeError('s3cr3t in a promise')), 100).unref()
setInterval(() => void Promise.reject(), 100).unref()
`

/** The program, which throws faults from the moment in which it serves. */
async function startFaulty(t: Test, script: string): Promise<Serving> {
  const folder = makeFolder(t)
  const begin = join(folder, 'begin')
  const file = join(folder, 'faults.mjs')
  writeFileSync(
    file,
    `
import { subscribe } from 'node:diagnostics_channel'
import { existsSync } from 'node:fs'
const wait = setInterval(() => {
  if (!existsSync(${JSON.stringify(begin)})) return
  clearInterval(wait)
  ${script}
}, 50)
`,
  )
  const args = ['--manifests', makeFolder(t), '--metrics-listen=off', '--drain-delay=0s']
  const run = await startServing(t, args, { node: ['--import', file], isCounted: false })
  writeFileSync(begin, '')
  return run
}

const deletion = reviewOf({ operation: 'DELETE', oldObject: { metadata: {} } })

void t.test('an error that nobody caught costs no other call its answer', async t => {
  const { url, process, stdout, stderr, until, end } = await startFaulty(t, faults)
  await until('an error that nobody caught')
  for (let i = 0; i < 10; i++) {
    t.equal((await postReview(url, deletion)).response.allowed, true)
    await sleep(50)
  }
  t.equal(process.exitCode, null)
  process.kill('SIGTERM')
  t.equal(await end(), 0, 'it ends as it should')
  t.equal(stderr(), '')
  const lines = stdout()
    .split('\n')
    .filter(line => line.includes('an error that nobody caught'))
  t.match(lines[0], /"level":"error".*"type":"\w+Error".*"frames":\["at /)
  t.ok(lines.length <= 60, `${lines.length} lines of hundreds of faults`)
  t.notMatch(stdout(), 's3cr3t')
})

void t.test(
  'a process whose state is broken answers what is in flight, and ends with 70',
  async t => {
    const broken = "throw Object.assign(new Error('s3cr3t'), { code: 'ERR_INTERNAL_ASSERTION' })"
    const { stdout, end } = await startFaulty(t, broken)
    t.equal(await end(), 70)
    t.match(stdout(), '"msg":"a fault broke the process: draining"')
    t.notMatch(stdout(), 's3cr3t')
  },
)
