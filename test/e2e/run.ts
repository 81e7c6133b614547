import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { buildControlPlane } from './control-plane/build-control-plane.js'
import { ControlPlaneError, ControlPlaneMissing } from './control-plane/control-plane-error.js'
import { readControlPlaneSettings } from './control-plane/settings.js'

const usage = `npm run test:e2e -- [--if-available] [NAME ...]

Runs the *.e2e.ts of test/e2e against a real API server. NAME: only the files whose name contains it.
  --if-available  without a control plane and the means to build one, skip and succeed`

/** Longer than the start of a control plane (3 to 90 s) and the longest file take together. */
const secondsPerFile = 600

const print = (line: string) => void process.stdout.write(`${line}\n`)

async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    options: { 'if-available': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  })
  if (values.help) {
    print(usage)
    return 0
  }
  const files = await findTestFiles(positionals)
  try {
    const settings = readControlPlaneSettings()
    // Here, and not in the first file, so that its time limit does not hold for the build.
    if (!settings.kubeconfig) await buildControlPlane(settings, print)
  } catch (error) {
    if (!(error instanceof ControlPlaneMissing) || !values['if-available']) throw error
    print(`end-to-end tests skipped: ${error.message}`)
    return 0
  }
  return runTestFiles(files)
}

async function findTestFiles(names: readonly string[]): Promise<readonly string[]> {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const files = (await readdir(folder, { recursive: true }))
    .filter(file => file.endsWith('.e2e.js'))
    .filter(file => names.length === 0 || names.some(name => basename(file).includes(name)))
    .map(file => join(folder, file))
  if (files.length > 0) return files
  throw new ControlPlaneError(`no file test/e2e/*.e2e.ts has ${names.join(' or ')} in its name`)
}

/** One after the other: each starts a control plane of its own, which takes 400 MiB and a processor. */
async function runTestFiles(files: readonly string[]): Promise<number> {
  const options = ['--disable-coverage', '--jobs=1', '--reporter=tap', `-t${secondsPerFile}`]
  const child = spawn(
    process.execPath,
    [join('node_modules', '.bin', 'tap'), ...options, ...files],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const exited = once(child, 'exit')
  let totals: Totals | null = null
  for await (const line of createInterface({ input: child.stdout })) {
    print(line)
    totals = parseTotals(line) ?? totals
  }
  const [code] = (await exited) as [number | null]
  print(`\n${totals?.pass ?? 0} passed, ${totals?.fail ?? 1} failed`)
  return code === 0 && totals?.fail === 0 ? 0 : 1
}

interface Totals {
  readonly pass: number
  readonly fail: number
}

/** tap closes with `# { total: 12, pass: 11, fail: 1 }`; without that line it did not run to its end. */
function parseTotals(line: string): Totals | null {
  if (!line.startsWith('# { total: ')) return null
  const count = (word: string) => Number(new RegExp(`${word}: (\\d+)`).exec(line)?.[1] ?? 0)
  return { pass: count('pass'), fail: count('fail') }
}

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${failureText(error)}\n`)
  process.exitCode = 1
}

function failureText(error: unknown): string {
  if (error instanceof ControlPlaneError || error instanceof ControlPlaneMissing) {
    return error.message
  }
  const { code, message, stack } = error as NodeJS.ErrnoException
  return code?.startsWith('ERR_PARSE_ARGS') ? `${message}\n\n${usage}` : String(stack)
}
