import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDirectory, type Directory } from '../atlas/directory.js'
import { defaultSettings } from '../policy/default-settings.js'
import type { Deadline } from '../review/ports.js'
import type { Gate } from '../webhook/gate.js'
import { buildLogger } from '../webhook/logger.js'
import type { Adapters, FollowedCluster } from './adapters.js'
import type { Arguments } from './arguments.js'
import { formatDemoTable } from './demo-report.js'
import { postExampleReviews } from './demo-reviews.js'
import { parseEndpoint } from './endpoint.js'
import { Resources } from './resources.js'
import { startReviewing } from './running-gate.js'
import { watchStopSignal } from './stop-signal.js'

/** A PostgreSQL that comes with the package. */
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

/** A database of the example, and what has run on it. */
export interface ExampleDatabase {
  readonly name: string
  /** Applied one after the other, each from its first file to its last. */
  readonly directories: readonly Directory[]
}

export interface DemoOutput {
  readonly print: (text: string) => void
  /** Columns of the terminal. */
  readonly width: number
}

/** The host in the example objects, in whose place the demo puts its own server. */
const exampleHost = 'shop-db.shop.svc:5432'

const examples = fileURLToPath(new URL('../../../deploy/examples/', import.meta.url))

/** Shows the gate at work on the example objects, then serves until a stop signal; resolves to the exit code. */
export async function demo(
  args: Arguments,
  adapters: DemoAdapters,
  output: DemoOutput,
): Promise<number> {
  const { print } = output
  const listen = parseEndpoint(args.value('listen') ?? '', 'listen')
  const resources = new Resources()
  const signal = watchStopSignal(process, code => process.exit(code))
  try {
    print('Starting a PostgreSQL of its own, with the databases of the example ...')
    const postgres = resources.add(await adapters.startPostgres(), server => server.stop())
    const folder = resources.add(await mkdtemp(join(tmpdir(), 'atlas-admission-demo-')), path =>
      rm(path, { recursive: true, force: true }),
    )
    await copyExamples(folder, `127.0.0.1:${postgres.port}`)
    const cluster = resources.add(await adapters.openManifests(folder), async open => open.close())
    await adapters.createDatabases(name => postgres.url(name), await exampleDatabases(cluster))
    const { database: limits } = defaultSettings
    const reader = resources.add(
      adapters.buildReader({ limits, onFailure: () => {} }),
      async open => open.close(),
    )
    const gate = await startReviewing(
      { listen, metricsListen: null, certificateFiles: null, drainDelayMs: 0 },
      { cluster, reader, settings: defaultSettings, log: buildLogger({ level: 'silent' }) },
    )
    resources.add(gate, open => open.stop())
    await showReviews(gate, output)
    if (!args.isSet('once') && !signal.isReceived()) {
      printInvitation(gate, output)
      await signal.received
    }
  } finally {
    await resources.releaseAll()
    signal.close()
  }
  return 0
}

async function copyExamples(folder: string, server: string): Promise<void> {
  for (const name of await readdir(examples)) {
    if (!name.endsWith('.yaml')) continue
    await cp(join(examples, name), join(folder, name))
    const text = await readFile(join(folder, name), 'utf8')
    await writeFile(join(folder, name), text.replaceAll(exampleHost, server))
  }
}

/** The schema has run on one database; on the restored one the seed data has run as well. */
async function exampleDatabases(cluster: FollowedCluster) {
  const [schema, seed] = await Promise.all(
    ['shop-schema', 'shop-seed'].map(async name => {
      const configMap = await cluster.readConfigMap('shop', name, unhurried)
      return buildDirectory(configMap?.data ?? {})
    }),
  )
  if (!schema || !seed) return []
  return [
    { name: 'shop', directories: [schema] },
    { name: 'shop_restored', directories: [schema, seed] },
  ]
}

const unhurried: Deadline = { at: Infinity, signal: new AbortController().signal }

async function showReviews(gate: Gate, { print, width }: DemoOutput): Promise<void> {
  const server = { url: gate.url, authority: gate.authority ?? '' }
  print(`Serving on ${gate.url}; posting the reviews of deploy/examples/reviews over HTTPS.\n`)
  const results = await postExampleReviews(join(examples, 'reviews'), server)
  print(formatDemoTable(results, width))
}

function printInvitation(gate: Gate, { print }: DemoOutput): void {
  print(`
Still serving. To try a review yourself:

  curl -sk -H 'content-type: application/json' \\
    --data @deploy/examples/reviews/03-seed-data-on-the-same-table.json \\
    '${gate.url}/validate?timeout=10s'

Stop with Ctrl-C.`)
}
