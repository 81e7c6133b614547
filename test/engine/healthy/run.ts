import { parseArgs } from 'node:util'
import { startEmbeddedPostgres } from '../../../src/database/embedded/embedded-postgres.js'
import { readHistory } from './history.js'
import { measure } from './measure.js'
import { openScratchServer } from './scratch.js'
import { stateLines, Summary } from './summary.js'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string' },
    all: { type: 'boolean', default: false },
    rehash: { type: 'boolean', default: false },
  },
})

/**
 * `npm run healthy -- [--url=URL] [--all] [--rehash] DIR...`: what the rules say of migration directories at
 * several states of their databases, beside what the pending files really do. The URL is that of a
 * superuser on a PostgreSQL server for such trials; without one a server is started. Without `--all` only findings on states that
 * succeed are listed. `--rehash` makes
 * each atlas.sum anew.
 */
async function run(): Promise<void> {
  if (values.url !== undefined) return measureAll(values.url)
  const embedded = await startEmbeddedPostgres()
  try {
    await measureAll(embedded.url('postgres'))
  } finally {
    await embedded.stop()
  }
}

async function measureAll(url: string): Promise<void> {
  const server = await openScratchServer(url)
  const summary = new Summary()
  for (const folder of positionals) {
    const history = await readHistory(folder, values.rehash)
    for await (const state of measure(history, server)) {
      summary.add(state)
      if (values.all || state.failure === null) for (const line of stateLines(state)) print(line)
    }
  }
  summary.lines().forEach(print)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

await run()
