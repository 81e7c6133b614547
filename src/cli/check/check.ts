import type { Arguments } from '../line/arguments.js'
import { answerCode, type FailOn, parseFailOn } from './answer.js'
import { type CheckAdapters, judgeManifests } from './judge-manifests.js'
import { type CheckOptions, parseCheckOptions } from './options.js'
import { failureLine, exitCodeOf } from '../line/exit-code.js'
import { parseFormats } from '../output/format-choice.js'
import type { Output } from '../output/output.js'
import { interruptible, stoppable } from '../line/interruptible.js'
import { interruptedExitCode } from '../line/stop-signal.js'
import { UsageError } from '../line/usage-error.js'
import { type ReportOutputs, writeReports } from '../output/write-reports.js'

/** Often enough for a person who saves a file and looks at the terminal. */
const pollMs = 300

/** Checks once, or with --watch again after each change. Resolves to the exit code. */
export async function check(
  args: Arguments,
  adapters: CheckAdapters,
  output: Output,
): Promise<number> {
  const options = parseCheckOptions(args)
  if (args.isSet('watch') && options.paths.includes('-'))
    throw new UsageError('--watch: standard input is read only once; name files or folders')
  const choices = parseFormats(args.values('format'))
  const written = choices.flatMap(({ file }) => file ?? [])
  const checkOnce = buildCheck(parseFailOn(args), { adapters, choices, output })
  if (!args.isSet('watch')) return interruptible(signal => checkOnce(options, signal))
  return stoppable(stop => {
    const signal = AbortSignal.any([stop, closingOf(output)])
    return keepChecking(options, { adapters, checkOnce, output, written, signal })
  })
}

/** A signal that fires when nobody reads the output any more, so that going on makes no sense. */
function closingOf(output: Output): AbortSignal {
  const controller = new AbortController()
  void output.closed.then(() => controller.abort())
  return controller.signal
}

type CheckOnce = (options: CheckOptions, signal: AbortSignal) => Promise<number>

interface CheckOutlets extends ReportOutputs {
  readonly adapters: CheckAdapters
}

function buildCheck(failOn: FailOn, { adapters, ...outputs }: CheckOutlets): CheckOnce {
  return async (options, signal) => {
    const report = await judgeManifests(options, adapters, signal)
    // A check that was interrupted has no complete answer.
    if (signal.aborted) return interruptedExitCode
    await writeReports(report, outputs)
    return answerCode(report, failOn)
  }
}

interface Watching {
  readonly adapters: CheckAdapters
  readonly checkOnce: CheckOnce
  readonly output: Output
  readonly signal: AbortSignal
  /** Paths of the reports that this command writes. They are no change of its input. */
  readonly written: readonly string[]
}

/**
 * Checks after each change until it is told to stop. It then ends with the code of the last check,
 * because stopping is how a watch ends.
 */
async function keepChecking(options: CheckOptions, watching: Watching): Promise<number> {
  const { adapters, checkOnce, output, signal } = watching
  for (;;) {
    const changed = adapters.whenChanged(watchedPaths(options), {
      pollMs,
      signal,
      written: watching.written,
    })
    const code = await checkOnce(options, signal).catch((error: unknown) => {
      // While a person edits a file, it has mistakes for a while, so the watch goes on.
      output.print(failureLine(error))
      return exitCodeOf(error)
    })
    if (!signal.aborted) output.print('\nwaiting for a change; stop with Ctrl-C')
    await changed
    if (signal.aborted) return code === interruptedExitCode ? 0 : code
  }
}

function watchedPaths({ paths, before, folders, databases, policy }: CheckOptions) {
  return [
    ...paths,
    ...before,
    ...folders.map(({ folder }) => folder),
    ...databases.rows.map(({ file }) => file),
    ...databases.urls.flatMap(({ kind, place }) => (kind === 'file' ? [place] : [])),
    ...(policy === undefined ? [] : [policy]),
  ]
}
