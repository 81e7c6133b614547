import { countVerdicts } from './severity-order.js'
import type { Report } from './report.js'

/**
 * The summary in one line, such as `3 AtlasMigrations: 1 denied, 2 passed; 1 problem in the input`.
 */
export function summarize(report: Report): string {
  const { objects, problems } = report
  const found = count(problems.length, 'problem')
  if (objects.length === 0) return `no AtlasMigration was found; ${found} in the input`
  const { fail, error, warn, pass, skip } = countVerdicts(report)
  const all = count(objects.length, 'AtlasMigration')
  if (pass === objects.length && problems.length === 0) return `${all}: nothing was wrong`
  const parts = [
    part(fail, 'denied'),
    part(error, 'undecided'),
    part(warn, 'with warnings'),
    part(pass, 'passed'),
    part(skip, 'skipped'),
  ].flat()
  const input = problems.length === 0 ? '' : `; ${found} in the input`
  return `${all}: ${parts.join(', ')}${input}`
}

function part(number: number, word: string): readonly string[] {
  return number === 0 ? [] : [`${number} ${word}`]
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
