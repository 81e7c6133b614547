import type { Report } from '../../report/parts/report.js'
import type { Arguments } from '../line/arguments.js'
import { UsageError } from '../line/usage-error.js'

/** The action of a finding from which on the command fails. */
export type FailOn = 'deny' | 'warn'

/** @throws UsageError for anything but deny and warn. */
export function parseFailOn(args: Arguments): FailOn {
  const text = args.text('fail-on')
  if (text === 'deny' || text === 'warn') return text
  throw new UsageError(`--fail-on: expected deny or warn, found "${text}"`)
}

/**
 * The exit code: 1 for a finding that counts, whatever else happened; else 2 when something could
 * not be decided or read; else 0.
 */
export function answerCode({ objects, problems }: Report, failOn: FailOn): 0 | 1 | 2 {
  const actions = objects.flatMap(({ findings }) => findings.map(({ judged }) => judged.action))
  if (actions.some(action => action === 'deny' || action === failOn)) return 1
  const open = problems.length > 0 || objects.some(({ undecided }) => undecided.length > 0)
  return open ? 2 : 0
}
