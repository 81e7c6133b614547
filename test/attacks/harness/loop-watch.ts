import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Loaded into the gate before its own code (`node --import`): notes the longest time of the
 * processor that the main thread spent between two rounds of its event loop. What other processes
 * take of the machine does not count.
 */
const file = process.env['LOOP_WATCH_FILE']

/** Nanoseconds that the main thread has had, the first number of schedstat in proc(5). */
function threadMs(): number {
  const [spent] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
  return Number(spent) / 1e6
}

if (file !== undefined && process.argv.includes('serve')) {
  let longest = 0
  let last = threadMs()
  // Starting takes longer than anything later: the test says from when on it counts.
  process.on('SIGUSR2', () => {
    longest = 0
    writeFileSync(file, '0')
  })
  setInterval(() => {
    const now = threadMs()
    if (now - last > longest) {
      longest = now - last
      writeFileSync(file, `${longest}`)
    }
    last = threadMs()
  }, 2).unref()
}
