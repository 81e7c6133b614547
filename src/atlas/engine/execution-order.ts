import { compareBytewise } from '../text/go-string.js'
import type { Revision } from './revision.js'

const instantPattern =
  /^(\d{4,})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:Z|([+-])(\d\d):?(\d\d)?)?$/

/**
 * A point in time: seconds since 1970 in UTC, and the digits of the fraction, whose number varies.
 */
interface Instant {
  readonly seconds: number
  readonly fraction: string
}

/**
 * Stands for a time that cannot be read, and sorts first. The column is null only on old MySQL and
 * MariaDB.
 */
const unknownInstant: Instant = { seconds: Number.NEGATIVE_INFINITY, fraction: '' }

/**
 * Days since 1970-01-01 in the Gregorian calendar. The year is counted from March, so that a leap
 * day is the last day of its year and the lengths of the months follow the formula (153 m + 2) / 5.
 */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const march = month > 2 ? month - 3 : month + 9
  const years = month > 2 ? year : year - 1
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  return 365 * years + leapDays + Math.floor((153 * march + 2) / 5) + day - 719_469
}

/**
 * Reads a time as an instant, because the offsets can differ: one export can hold rows of summer
 * and winter.
 */
function parseInstant(text: string): Instant {
  const match = instantPattern.exec(text)
  if (match === null) return unknownInstant
  const part = (group: number) => Number(match[group] ?? 0)
  const days = daysSinceEpoch(part(1), part(2), part(3))
  const offset = (match[8] === '-' ? -1 : 1) * (part(9) * 3600 + part(10) * 60)
  const seconds = days * 86_400 + part(4) * 3600 + part(5) * 60 + part(6) - offset
  return { seconds, fraction: (match[7] ?? '').replace(/0+$/, '') }
}

function compareInstants(a: Instant, b: Instant): number {
  if (a.seconds !== b.seconds) return a.seconds < b.seconds ? -1 : 1
  return compareBytewise(a.fraction, b.fraction)
}

/**
 * The rows in the order in which their files were started: Atlas writes `executed_at` with the
 * insert and never updates it. Rows of one instant (MySQL keeps whole seconds) are taken by
 * version, bytewise.
 */
export function inExecutionOrder(revisions: readonly Revision[]): readonly Revision[] {
  return revisions
    .map(revision => ({ revision, at: parseInstant(revision.executedAt) }))
    .sort(
      (a, b) =>
        compareInstants(a.at, b.at) || compareBytewise(a.revision.version, b.revision.version),
    )
    .map(({ revision }) => revision)
}
