import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface ProgramRun {
  /** null: ended by a signal, such as that of the time limit. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly folder?: string
  /** Default: the environment of this process. */
  readonly environment?: NodeJS.ProcessEnv
  /** Standard input; without it, the program finds it empty. */
  readonly input?: string
  readonly timeoutMs?: number
}

/** Runs a program to its end, whatever its exit code. Rejects when it cannot be started at all. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramRun> {
  const child = spawn(program, args, {
    cwd: options.folder,
    env: options.environment ?? process.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
  })
  await once(child, 'spawn')
  // A program that does not read its input may be gone before it is written.
  child.stdin.on('error', () => undefined).end(options.input ?? '')
  const [stdout, stderr] = [child.stdout, child.stderr].map(stream => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    return () => Buffer.concat(chunks).toString('utf8')
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: stdout?.() ?? '', stderr: stderr?.() ?? '' }
}

/** The last lines of a text, for the end of a message. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
