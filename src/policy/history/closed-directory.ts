import { findClosingVersions } from '../../atlas/directory/closing-version.js'
import type { MigrationFile } from '../../atlas/directory/file.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import { listNames } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'
import { liveHistory, versionsOf } from './live-history.js'
import { repeatsToRun } from './repeated-files.js'

/** The way out for late files that no newer version helps. */
interface ClosedAdvice {
  readonly remedy: string
  readonly details: readonly string[]
}

/** What ran under versions such as 9999, and where it should stand instead. */
interface Moves {
  readonly files: readonly MigrationFile[]
  /** New versions of the files, in their order. */
  readonly versions: readonly string[]
  /** Late files that stay late, because they are older than the others that ran, too. */
  readonly old: readonly MigrationFile[]
}

/**
 * The way out where a file with a version such as 9999 ran. There is no
 * newer version like the others, so what ran has to get an older one. null when no such file ran.
 */
export function closedAdvice(facts: Facts, late: readonly string[]): ClosedAdvice | null {
  const moves = findMoves(facts, late)
  if (moves === null) return finishMove(facts)
  const { files, versions, old } = moves
  const renamed = files.map(({ name, version }, index) => ({
    from: name,
    to: `${versions[index]!}${name.slice(version.length)}`,
  }))
  const last = versions.at(-1)!
  return {
    remedy: `rename ${listNames(renamed.map(({ from, to }) => `${from} to ${to}`))}, and \`atlas migrate set ${last}\``,
    details: [
      `No version like the others sorts above ${files.at(-1)!.version}, which ran: so what ran is moved, without running again`,
      'First scale the Atlas Operator to 0: between the next two steps it would run that file again',
      `Rename, run "atlas migrate hash", and on each database that ran it: atlas migrate set ${last} --dir file://FOLDER --url URL`,
      ...(old.length > 0
        ? [
            `Give ${listNames(old.map(({ name }) => name))} a version above ${last} in the same step`,
          ]
        : []),
      'Then apply the ConfigMap, and scale the operator up',
    ],
  }
}

/**
 * The way out where what ran was renamed, and its row was not moved yet: the second half of the
 * advice above.
 */
function finishMove(facts: Facts): ClosedAdvice | null {
  const history = liveHistory(facts)
  const found = history && findClosingVersions(history.rows.map(({ version }) => version))
  if (!found) return null
  const closing = new Set(found.versions)
  const moved = repeatsToRun(facts)
    .filter(({ rows }) => rows.some(row => closing.has(row.version)))
    .map(({ file }) => file)
  const last = moved
    .map(({ version }) => version)
    .toSorted(compareBytewise)
    .at(-1)
  if (last === undefined || compareBytewise(last, found.versions[0]!) > 0) return null
  return {
    remedy: `move the row to ${listNames(moved.map(({ name }) => name))}: \`atlas migrate set ${last}\``,
    details: [
      'First scale the Atlas Operator to 0: with the old ConfigMap it would run that file again',
      `On each database that ran it: atlas migrate set ${last} --dir file://FOLDER --url URL`,
      'Then apply the ConfigMap, and scale the operator up',
    ],
  }
}

function findMoves(facts: Facts, late: readonly string[]): Moves | null {
  const history = liveHistory(facts)
  if (history === null) return null
  const { files, rows } = history
  const found = findClosingVersions([...files, ...rows].map(({ version }) => version))
  const closing = new Set(found?.versions)
  const ran = versionsOf(rows.filter(row => closing.has(row.version)))
  const moved = files.filter(({ version }) => ran.has(version))
  const usual = rows.filter(row => !closing.has(row.version)).at(-1)?.version ?? ''
  // A row without a file comes first, and has another way out.
  if (moved.length === 0 || moved.length < ran.size) return null
  const names = new Set(late)
  const open = files.filter(({ name }) => names.has(name))
  const isOld = ({ version }: MigrationFile) => compareBytewise(version, usual) <= 0
  const next = open
    .filter(file => !isOld(file))
    .map(({ version }) => version)
    .toSorted(compareBytewise)
  return {
    files: moved,
    versions: versionsBetween(moved.length, usual, next[0] ?? null),
    old: open.filter(isOld),
  }
}

/** Versions above the last usual one that ran, and below the first late file. */
function versionsBetween(count: number, low: string, high: string | null): readonly string[] {
  const counted = Array.from({ length: count }, (_, index) => countOn(low, index + 1))
  const isBetween = (version: string) =>
    version.length === low.length && (high === null || compareBytewise(version, high) < 0)
  if (counted.every(isBetween)) return counted
  const width = String(count).length
  return counted.map((_, index) => `${low}z${String(index + 1).padStart(width, '0')}`)
}

/** A number some steps later, with the same digits; empty where it is no number. */
function countOn(version: string, steps: number): string {
  return /^\d{1,30}$/.test(version)
    ? String(BigInt(version) + BigInt(steps)).padStart(version.length, '0')
    : ''
}
