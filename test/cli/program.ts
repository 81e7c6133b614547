import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'

const built = resolve('dist/src/main.js')

/** Where tap collects which lines ran; none when it does not. The variable is tap's own, and is in no document of its. */
const coverageFolder =
  process.env['_TAPJS_PROCESSINFO_COVERAGE_'] === '1' ? resolve('.tap/coverage') : ''

/** Generous: the machine that runs the tests may be busy. */
const patienceMs = 60_000

/** A new folder that goes with the test. Open to all: the built-in PostgreSQL of root runs as another user. */
export function makeFolder(t: Test, files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'atlas-admission-cli-'))
  chmodSync(folder, 0o755)
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

export interface Run {
  readonly process: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves once standard output has the text; rejects when the program ends first. */
  readonly until: (text: string) => Promise<void>
  /** Resolves to the exit code; null when a signal ended it. */
  readonly end: () => Promise<number | null>
}

export interface RunOptions {
  /** Another than the built program. */
  readonly program?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Arguments for Node itself. */
  readonly node?: readonly string[]
  /** Where it runs; default: here. */
  readonly folder?: string
  /** For standard input, which is empty otherwise; null: nothing comes, and it never ends. */
  readonly input?: string | null
  /**
   * Whether the lines that it runs count for the coverage; default: those of the built program do. What is attacked does
   * without, so that its memory and its times are its own.
   */
  readonly isCounted?: boolean
}

/** Starts the built program as a person would. */
export function startProgram(
  t: Test,
  args: readonly string[],
  {
    program = built,
    environment = {},
    node = [],
    folder,
    input,
    isCounted = program === built,
  }: RunOptions = {},
): Run {
  const settings = [
    `NODE_OPTIONS=${environment['NODE_OPTIONS'] ?? ''}`,
    `NODE_V8_COVERAGE=${isCounted ? coverageFolder : ''}`,
  ]
  // tap would put itself into every child, to watch its imports, and a start would take three times as long. Node counts
  // lines by itself, into the folder that tap reads. tap sets the environment of a child last, therefore `env`.
  const child = spawn('env', [...settings, process.execPath, ...node, program, ...args], {
    env: { ...process.env, ...environment },
    cwd: folder,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  if (input !== null) child.stdin?.end(input)
  t.teardown(() => void child.kill('SIGKILL'))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const stdout = collect(child, 'stdout')
  const stderr = collect(child, 'stderr')
  const until = async (text: string) => {
    const deadline = Date.now() + patienceMs
    while (!stdout().includes(text)) {
      /* c8 ignore next 2 - only in a test that fails */
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`no "${text}" in: ${stdout()}${stderr()}`)
      await sleep(20)
    }
  }
  return { process: child, stdout, stderr, until, end: () => ended }
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr'): () => string {
  let text = ''
  child[name]?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return () => text
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export async function runProgram(
  t: Test,
  args: readonly string[],
  options?: RunOptions,
): Promise<Ended> {
  const run = startProgram(t, args, options)
  const code = await run.end()
  return { code, stdout: run.stdout(), stderr: run.stderr() }
}

/** Says what a program that used this folder as TMPDIR left: files in it, and processes that name it. */
export function leftovers(folder: string): readonly string[] {
  const processes = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n')
  return [...readdirSync(folder), ...processes.filter(line => line.includes(folder))]
}

/**
 * Compares a text with a file of test/fixtures/transcripts: what a person sees, reviewed by eye when it changes.
 * UPDATE_TRANSCRIPTS=1 writes the files anew.
 */
export function matchTranscript(t: Test, name: string, text: string): void {
  matchText(t, join('test/fixtures/transcripts', `${name}.txt`), text)
}

/** The same for a file that stands elsewhere. */
export function matchText(t: Test, file: string, text: string): void {
  /* c8 ignore start - by hand, when a text was changed on purpose */
  if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(file, text)
  /* c8 ignore stop */
  t.equal(text, readFileSync(file, 'utf8'))
}

export interface ReviewAnswer {
  readonly response: {
    readonly allowed: boolean
    readonly warnings?: readonly string[]
    readonly status?: { readonly message: string }
  }
}

/** Posts a review to a server whose certificate is its own. */
export async function postReview(
  url: string,
  review: unknown,
  timeoutSeconds = 10,
): Promise<ReviewAnswer> {
  const sent = request(`${url}/validate?timeout=${timeoutSeconds}s`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    rejectUnauthorized: false,
    agent: false,
  })
  sent.end(JSON.stringify(review))
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer>]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString()) as ReviewAnswer
}
