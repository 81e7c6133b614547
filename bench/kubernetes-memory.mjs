// Memory of `serve --kubernetes` with 10,000 AtlasMigrations of 3.6 kB, and the time of a look-up by index against a
// scan. The API server is a process of its own, so that the memory printed is that of the gate alone.
//   npm run build && node bench/kubernetes-memory.mjs
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const count = 10_000
const bytes = 3600
const limitMiB = 256

/** Half of a stored object is bookkeeping: the last-applied annotation and managedFields. */
function storedMigration(index) {
  const spec = {
    urlFrom: { secretKeyRef: { name: `database-${index % 500}`, key: 'url' } },
    revisionsSchema: 'atlas',
    protectedFlows: { migrateDown: { allow: false, autoApprove: false } },
    dir:
      index % 4 === 0
        ? {
            local: {
              [`${20240101000000 + index}.sql`]: `create table t${index} (id int);\n`.repeat(12),
            },
          }
        : { configMapRef: { name: `files-${index}` } },
  }
  const object = {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: {
      namespace: `team-${index % 200}`,
      name: `migration-${index}`,
      uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: {
        'app.kubernetes.io/name': `app-${index}`,
        'app.kubernetes.io/managed-by': 'kustomize',
      },
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(spec) },
      managedFields: [{ manager: 'kustomize-controller', operation: 'Apply', fieldsV1: {} }],
    },
    spec,
    status: { lastAppliedVersion: '20240101000000', observed_hash: 'f'.repeat(64), conditions: [] },
  }
  const missing = bytes - JSON.stringify(object).length
  object.metadata.managedFields[0].fieldsV1 = {
    'f:spec': `${'f:dir '.repeat(600)}`.slice(0, missing),
  }
  return object
}

async function serveObjects() {
  const { FakeApiServer } = await import('../dist/test/kubernetes/fake-api-server.js')
  const server = new FakeApiServer()
  await server.listen()
  for (let index = 0; index < count; index += 1) server.put(storedMigration(index))
  process.on('message', () => {
    for (let index = 0; index < 2000; index += 1) server.put(storedMigration(index))
  })
  process.on('disconnect', () => process.exit())
  process.send(server.kubeconfig())
}

const mebibytes = n => `${(n / 1024 / 1024).toFixed(0)} MiB`

async function measure() {
  const child = fork(fileURLToPath(import.meta.url), ['server'])
  const [kubeconfig] = await once(child, 'message')
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const file = join(folder, 'config')
  writeFileSync(file, kubeconfig)
  await measureServe(file, child)
  const { openKubernetes } = await import('../dist/src/kubernetes/kubernetes-cluster.js')
  const started = performance.now()
  const cluster = await openKubernetes({ access: { kind: 'kubeconfig', file } })
  await cluster.whenSynced(AbortSignal.timeout(60_000))
  console.log(`${count} objects are read in ${(performance.now() - started).toFixed(0)} ms`)
  compareLookups(cluster)
  cluster.close()
  child.disconnect()
  rmSync(folder, { recursive: true })
}

/** The whole process, by its own metrics. */
async function measureServe(kubeconfig, apiServer) {
  const main = fileURLToPath(new URL('../dist/src/main.js', import.meta.url))
  const listen = [
    '--listen',
    '127.0.0.1:0',
    '--metrics-listen',
    '127.0.0.1:0',
    '--drain-delay',
    '0s',
  ]
  const args = [main, 'serve', '--kubernetes', '--kubeconfig', kubeconfig, ...listen]
  const serve = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const { metricsUrl } = JSON.parse(String((await once(serve.stdout, 'data'))[0]).split('\n')[0])
  const read = async name => {
    const text = await (await fetch(`${metricsUrl}/metrics`)).text()
    return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)[1])
  }
  while ((await read('atlas_admission_watch_up')) === 0) await sleep(50)
  const rss = 'process_resident_memory_bytes'
  console.log(
    `serve with ${await read('atlas_admission_atlasmigrations')} objects: ${mebibytes(await read(rss))}`,
  )
  apiServer.send('change')
  await sleep(3000)
  const last = await read(rss)
  console.log(`and 2000 changes later: ${mebibytes(last)} of ${limitMiB} MiB`)
  if (last > limitMiB * 1024 * 1024) process.exitCode = 1
  serve.kill()
  await once(serve, 'exit')
}

function compareLookups(cluster) {
  const scan = (namespace, name) =>
    cluster
      .migrations()
      .filter(
        ({ metadata, spec }) =>
          metadata.namespace === namespace && spec.dir?.configMapRef?.name === name,
      )
  const index = time(20_000, i =>
    cluster.migrationsOfConfigMap(`team-${i % 200}`, `files-${i % count}`),
  )
  const scanned = time(200, i => scan(`team-${i % 200}`, `files-${i % count}`))
  console.log(
    `a look-up by index takes ${index.toFixed(2)} µs, by scan ${scanned.toFixed(0)} µs, ${(scanned / index).toFixed(0)} times as long`,
  )
}

/** Microseconds per call, and proof that something was found. */
function time(rounds, call) {
  let found = 0
  const started = performance.now()
  for (let round = 0; round < rounds; round += 1) found += call(round).length
  if (found === 0) throw new Error('nothing was found')
  return ((performance.now() - started) * 1000) / rounds
}

await (process.argv[2] === 'server' ? serveObjects() : measure())
