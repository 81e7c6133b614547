// How long a person waits for a command beside bare Node, with the built files and with the bundle that is published:
//   npm run build && npm run bundle && node bench/startup.mjs
// The least of several runs, since other programs only ever add; the ratio depends little on the machine.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'

const rounds = 9
const manifests = 100
const filesInDirectory = 10

const programs = { built: 'dist/src/main.js', bundle: 'dist/bundle/js/main.js' }

/** Milliseconds of the fastest run, and its exit code. */
function measure(...args) {
  const runs = Array.from({ length: rounds }, () => {
    const start = performance.now()
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
    return { ms: performance.now() - start, status }
  })
  return runs.sort((a, b) => a.ms - b.ms)[0]
}

/** An AtlasMigration and its ConfigMap of small files, with the atlas.sum that belongs to them. */
function manifest(index) {
  const files = Array.from({ length: filesInDirectory }, (_, number) => [
    `${20240101000000 + number}.sql`,
    `CREATE TABLE t${index}_${number} (id int PRIMARY KEY, name text NOT NULL);\n`,
  ])
  const chain = createHash('sha256')
  const digest = state => `h1:${state.digest('base64')}`
  const lines = files.map(([name, content]) => {
    chain.update(name).update(content)
    return `${name} ${digest(chain.copy())}\n`
  })
  const total = createHash('sha256')
  for (const line of lines) total.update(line.replace(' h1:', '').trimEnd())
  const data = { ...Object.fromEntries(files), 'atlas.sum': `${digest(total)}\n${lines.join('')}` }
  const name = `m${index}`
  const spec = { url: `postgres://u@db/d${index}`, dir: { configMapRef: { name } } }
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data },
    { apiVersion: 'db.atlasgo.io/v1alpha1', kind: 'AtlasMigration', metadata: { name }, spec },
  ]
    .map(object => JSON.stringify(object, null, 2))
    .join('\n---\n')
}

const folder = mkdtempSync(join(tmpdir(), 'atlas-admission-startup-'))
try {
  for (let index = 0; index < manifests; index++)
    writeFileSync(join(folder, `${index}.yaml`), manifest(index))
  const commands = [
    ['--version', '--version'],
    ['--help', '--help'],
    [`check --offline of ${manifests} manifests`, 'check', '--offline', folder],
    // Loads all that a gate needs, then finds no kubeconfig.
    ['serve --kubernetes', 'serve', '--kubernetes', `--kubeconfig=${join(folder, 'none')}`],
  ]
  const bare = measure('-e', '0').ms
  const load = loadavg()[0].toFixed(1)
  console.log(`node -e 0: ${bare.toFixed(0)} ms (${cpus().length} cores, load ${load})`)
  for (const [title, ...args] of commands)
    for (const [name, program] of Object.entries(programs)) {
      const { ms, status } = measure(program, ...args)
      const ratio = (ms / bare).toFixed(2)
      console.log(`${title}, ${name}: ${ms.toFixed(0)} ms, ratio ${ratio} (exit code ${status})`)
    }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
