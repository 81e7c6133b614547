import { join } from 'node:path'
import { defaultSettings } from '../../policy/settings/default-settings.js'
import type { Endpoint } from '../../webhook/endpoint.js'
import type { Gate } from '../../webhook/gate.js'
import { buildLogger } from '../../webhook/logger.js'
import type { Adapters } from '../input/adapters.js'
import type { Arguments } from '../line/arguments.js'
import {
  copyExamples,
  type ExampleDatabase,
  exampleDatabases,
  examplesFolder,
  removeExamples,
} from './examples.js'
import { formatDemoTable } from './report.js'
import { postExampleReviews } from './reviews.js'
import { parseEndpoint } from '../line/endpoint.js'
import type { Output } from '../output/output.js'
import { Resources } from '../../gate/resources.js'
import { startReviewing } from '../../gate/running-gate.js'
import { watchProcess } from '../line/stop-signal.js'

/** A PostgreSQL server that comes with the package. */
export interface DemoPostgres {
  readonly port: number
  url(database: string): string
  stop(): Promise<void>
}

export interface DemoAdapters extends Adapters {
  readonly startPostgres: () => Promise<DemoPostgres>
  readonly createDatabases: (
    urlOf: (database: string) => string,
    databases: readonly ExampleDatabase[],
  ) => Promise<void>
}

/**
 * Shows the reviews of the example objects, then serves until a stop signal. Resolves to the exit
 * code.
 */
export async function demo(
  args: Arguments,
  adapters: DemoAdapters,
  output: Output,
): Promise<number> {
  const listen = parseEndpoint(args.text('listen'), 'listen')
  const resources = new Resources()
  // SIGHUP as well: closing the terminal window must not leave a database's folder behind.
  const signal = watchProcess(['SIGINT', 'SIGTERM', 'SIGHUP'])
  const isOver = () => signal.isReceived() || output.isClosed()
  try {
    output.print('Starting a PostgreSQL of its own, with the databases of the example ...')
    const postgres = resources.add(await adapters.startPostgres(), server => server.stop())
    if (isOver()) return 0
    const gate = await startExampleGate({ listen, postgres, adapters, resources })
    if (isOver()) return 0
    await showReviews(gate, output)
    if (args.isSet('once') || isOver()) return 0
    output.print(invitation(gate))
    await Promise.race([signal.received, output.closed])
    return 0
  } finally {
    await resources.releaseAll()
    signal.close()
  }
}

interface ExampleSources {
  readonly listen: Endpoint
  readonly postgres: DemoPostgres
  readonly adapters: DemoAdapters
  readonly resources: Resources
}

/**
 * Starts a gate over the example objects, with databases in the state that the examples describe.
 */
async function startExampleGate(sources: ExampleSources): Promise<Gate> {
  const { listen, postgres, adapters, resources } = sources
  const folder = resources.add(await copyExamples(`127.0.0.1:${postgres.port}`), removeExamples)
  const cluster = resources.add(await adapters.openManifests(folder), async open => open.close())
  await adapters.createDatabases(name => postgres.url(name), await exampleDatabases(cluster))
  const { database: limits } = defaultSettings
  const reader = resources.add(adapters.buildReader({ limits, onFailure: () => {} }), open =>
    open.close(),
  )
  const gate = await startReviewing(
    { listen, metricsListen: null, certificateFiles: null, drainDelayMs: 0 },
    { cluster, reader, settings: defaultSettings, log: buildLogger({ level: 'silent' }) },
  )
  return resources.add(gate, open => open.stop())
}

async function showReviews(gate: Gate, output: Output): Promise<void> {
  output.print(
    `Serving on ${gate.url}; posting the reviews of deploy/examples/reviews over HTTPS.\n`,
  )
  const server = { url: gate.url, authority: gate.authority as string }
  const results = await postExampleReviews(join(examplesFolder, 'reviews'), server)
  output.print(formatDemoTable(results, output))
}

function invitation(gate: Gate): string {
  return `
Still serving. To try a review yourself:

  curl -sk -H 'content-type: application/json' \\
    --data @deploy/examples/reviews/03-seed-data-on-the-same-table.json \\
    '${gate.url}/validate?timeout=10s'

Stop with Ctrl-C.`
}
