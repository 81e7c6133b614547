import { setTimeout as sleep } from 'node:timers/promises'
import { t, test, type Test } from 'tap'
import { answerBounds } from '../../src/database/wire/answer-bounds.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import { files, withSum } from '../policy/facts/facts-builder.js'
import { configMap } from '../review/fakes.js'
import { reviewOf } from '../webhook/running-server.js'
import { startAttackedGate, type AttackedGate } from './harness/attacked-gate.js'
import {
  answerOf,
  complete,
  dataRow,
  message,
  notice,
  revisionColumns,
  usualCatalog,
  usualRow,
  welcome,
} from './harness/fake-messages.js'
import { startFakePostgres, type Act, type Wire } from './harness/fake-postgres.js'

// Longer than tap's 30 s on a machine where many things run at once.
t.setTimeout(300_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=300000')

/** Of the 512 MiB that its container may have. */
const mostMib = 280

/** As the chart starts it. */
const environment = { NODE_OPTIONS: '--max-old-space-size=384 --max-semi-space-size=4' }

function row(fields: Readonly<Record<string, string | null>>): readonly (string | null)[] {
  return usualRow.map((value, index) => fields[revisionColumns[index]!] ?? value)
}

const catalog = JSON.stringify(usualCatalog())

/** Begins an answer of rows, and leaves the rest to the attack. */
const beforeRows = answerOf(catalog, []).subarray(0, -endLength())

function endLength(): number {
  return complete('SELECT 0').length + complete('COMMIT').length + 6
}

/** The same for every question, once it has come. */
function atQuery(answer: (wire: Wire) => Promise<void> | void): Act {
  return async wire => {
    wire.send(welcome)
    for (;;) {
      await wire.until('Q')
      await answer(wire)
    }
  }
}

function times(count: number, data: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => data))
}

/** What one answer may have by default. */
const bounds = answerBounds(defaultSettings.database)
const mostRows = defaultSettings.database.maxRows

/** Rows as usual ones, as many as there may be, with texts up to just below the bound. */
const fullAnswer = Buffer.concat([
  beforeRows,
  ...Array.from({ length: mostRows }, (_, index) =>
    dataRow(
      ...row({
        version: `${20240101000000 + index}`,
        description: 'd'.repeat(Math.floor((bounds.answerBytes * 0.95) / mostRows) - 150),
      }),
    ),
  ),
  answerOf(catalog, []).subarray(-endLength()),
])

const nested = '['.repeat(Math.floor(bounds.answerBytes * 0.95))

const attacks: Readonly<Record<string, { readonly tls?: true; session: Act; cancel?: Act }>> = {
  rows: {
    session: atQuery(wire => {
      wire.send(beforeRows)
      return wire.sendForever(times(100, dataRow(...row({ description: 'd'.repeat(600) }))))
    }),
  },
  'long-rows': {
    session: atQuery(wire => {
      wire.send(beforeRows)
      return wire.sendForever(dataRow(...row({ error: 'e'.repeat(900_000) })))
    }),
  },
  notices: {
    session: atQuery(wire => wire.sendForever(times(1000, notice('look')))),
  },
  lengths: {
    session: atQuery(wire => wire.send(beforeRows, message('D', Buffer.alloc(20), 0x7fffffff))),
  },
  cancel: {
    tls: true,
    session: atQuery(() => undefined),
    cancel: wire => wire.reset(),
  },
  'full-answers': { session: atQuery(wire => wire.send(fullAnswer)) },
  'nested-json': {
    session: atQuery(wire => wire.send(answerOf(nested, [usualRow]))),
  },
  'nested-hashes': {
    session: atQuery(wire => wire.send(answerOf(catalog, [row({ partial_hashes: nested })]))),
  },
}

function migrationOf(name: string, url: string): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name: 'app', namespace: `tenant-${name}`, uid: `uid-${name}` },
    spec: { url, dir: { local: withSum(files('1_a')) } },
  }
}

function writeOf(object: Readonly<Record<string, unknown>>): unknown {
  const { namespace } = object['metadata'] as { readonly namespace: string }
  return reviewOf({ namespace, object })
}

/** A server that reads as a real one: of two migrations that ran, the write below knows the first alone. */
async function honestUrl(t: Test): Promise<string> {
  const rows = ['1', '2'].map(version => row({ version }))
  const server = await startFakePostgres(t, {
    session: atQuery(wire => wire.send(answerOf(catalog, rows))),
  })
  return server.url()
}

async function hostileUrls(t: Test): Promise<ReadonlyMap<string, string>> {
  const urls = new Map<string, string>()
  for (const [name, attack] of Object.entries(attacks)) {
    const server = await startFakePostgres(t, attack)
    urls.set(name, server.url(attack.tls === true ? 'sslmode=require' : 'sslmode=disable'))
  }
  return urls
}

/** Reviews of the hostile databases, some of each at a time, for as long as the others are judged. */
function keepReviewing(gate: AttackedGate, writes: readonly unknown[]): () => Promise<number> {
  const stopped = new AbortController()
  let answered = 0
  const running = writes.map(async write => {
    while (!stopped.signal.aborted) {
      await gate.post(write, 5).then(
        () => answered++,
        () => sleep(50),
      )
    }
  })
  return async () => {
    stopped.abort()
    await Promise.all(running)
    return answered
  }
}

for (const onError of ['allow', 'deny'] as const) {
  void test(`hostile databases neither stop nor fill the gate, nor blind it (onError ${onError})`, async t => {
    const hostile = [...(await hostileUrls(t))].map(([name, url]) => migrationOf(name, url))
    const good = migrationOf('good', await honestUrl(t))
    const closed = migrationOf('closed', 'postgres://app:secret@127.0.0.1:1/app')
    const gate = await startAttackedGate(t, {
      objects: [...hostile, good],
      policy: `onError: ${onError}\naudit: {intervalSeconds: 1}\n`,
      environment,
    })
    const stop = keepReviewing(gate, [...hostile, ...hostile, ...hostile].map(writeOf))
    for (let round = 1; round <= 5; round++) {
      const { response } = await gate.post(writeOf({ ...good }), 10)
      t.equal(response.allowed, false, `bad write ${round} of 5 is denied`)
      t.match(response.status?.message, /migrate-down-predicted/)
      const other = await gate.post(writeOf(closed), 10)
      t.match(JSON.stringify(other.response), /no PostgreSQL server could be reached/)
      await sleep(300)
    }
    t.ok((await stop()) >= hostile.length, 'reviews of hostile databases were answered, too')
    t.ok(gate.isAlive())
    t.match(gate.run.stdout(), /"msg":"audited"/)
    t.notMatch(gate.run.stdout(), /an error that nobody caught/)
    const peak = gate.peakMemoryMib()
    t.comment(`${Math.round(peak ?? 0)} MiB at most`)
    t.ok(peak === null || peak < mostMib, `${peak} MiB`)
  })
}

void test('hundreds of databases behind one ConfigMap do not fill the gate with their answers', async t => {
  const server = await startFakePostgres(t, attacks['full-answers']!)
  const url = new URL(server.url('sslmode=disable'))
  const written = {
    ...configMap('files', withSum(files('1_a'))),
    apiVersion: 'v1',
    kind: 'ConfigMap',
  }
  const users = Array.from({ length: 100 }, (_, index) => {
    url.username = `user${index}`
    const { metadata, spec, ...type } = migrationOf(`${index}`, url.href)
    const dir = { configMapRef: { name: 'files' } }
    const named = { ...(metadata as object), name: `app-${index}`, namespace: 'shop' }
    return { ...type, metadata: named, spec: { ...(spec as object), dir } }
  })
  const gate = await startAttackedGate(t, { objects: [written, ...users], environment })
  const write = reviewOf({
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    name: 'files',
    operation: 'UPDATE',
    object: { ...written, data: withSum(files('1_a', '2_b')) },
    oldObject: written,
  })
  await Promise.all([gate.post(write, 20), gate.post(write, 20)])
  t.ok(gate.isAlive())
  const peak = gate.peakMemoryMib()
  t.comment(`${Math.round(peak ?? 0)} MiB at most`)
  t.ok(peak === null || peak < mostMib, `${peak} MiB`)
})
