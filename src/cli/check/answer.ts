import type { Report } from '../../report/parts/report.js'
import type { Arguments } from '../line/arguments.js'
import { UsageError } from '../line/usage-error.js'

/** From which action on a finding makes the command fail. */
export type FailOn = 'deny' | 'warn'

/** @throws UsageError for anything but deny and warn. */
export function parseFailOn(args: Arguments): FailOn {
  const text = args.text('fail-on')
  if (text === 'deny' || text === 'warn') return text
  throw new UsageError(`--fail-on: expected deny or warn, found "${text}"`)
}

/**
 * The exit code: 1 for a finding that counts, whatever else is open; else 2 where something could not be decided or
 * not be read; else 0.
 */
export function answerCode({ objects, problems }: Report, failOn: FailOn): 0 | 1 | 2 {
  const actions = objects.flatMap(({ findings }) => findings.map(({ judged }) => judged.action))
  if (actions.some(action => action === 'deny' || action === failOn)) return 1
  const open = problems.length > 0 || objects.some(({ undecided }) => undecided.length > 0)
  return open ? 2 : 0
}
