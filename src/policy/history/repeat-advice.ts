import { nameOfRow } from '../../atlas/lineage/moved-texts.js'
import { compareBytewise } from '../../atlas/text/go-string.js'
import { listNames } from '../../atlas/text/name-list.js'
import type { Facts } from '../facts/facts.js'
import { type LiveHistory, plannedHistory } from './live-history.js'
import type { RepeatedFile } from './repeated-file.js'
import { repeatedNames } from './repeated-files.js'

/** What a repeated text means, and the way out. It must keep one of both, never both. */
export interface RepeatAdvice {
  /** A clause that does not name the consequence. */
  readonly found: string
  readonly remedy: string
  readonly details: readonly string[]
}

/** The advice for one of the repeated files of these facts. */
export function repeatAdvice(repeat: RepeatedFile, facts: Facts): RepeatAdvice {
  const { file, rows, hasRest, isPart } = repeat
  const context = { history: plannedHistory(facts) as LiveHistory, repeated: repeatedNames(facts) }
  const versions = listNames(rows.map(row => row.version))
  return {
    found: `${file.name} ${isPart ? 'holds a part of' : hasRest ? 'holds' : 'is'} what ran as ${versions}`,
    ...(repeat.isKept ? keptAdvice(repeat) : goneAdvice(repeat, context)),
  }
}

type WayOut = Omit<RepeatAdvice, 'found'>

interface Context {
  readonly history: LiveHistory
  /** Names of all repeated files. */
  readonly repeated: ReadonlySet<string>
}

const never = 'Never keep both: a text that is in the directory twice runs twice'

function keptAdvice({ file, rows, isPart }: RepeatedFile): WayOut {
  const old = listNames(rows.map(nameOfRow))
  return {
    remedy: `delete ${file.name} and rehash`,
    details: [
      `${old} ${rows.length === 1 ? 'ran, and is' : 'ran, and are'} still there`,
      isPart
        ? 'Leave it only where it is to run again on purpose'
        : 'To run it again on purpose, give it another description, or write it so that it may run twice',
    ],
  }
}

function goneAdvice(repeat: RepeatedFile, context: Context): WayOut {
  const { file, rows, hasRest } = repeat
  const old = listNames(rows.map(nameOfRow))
  if (hasRest) return restAdvice(repeat, context)
  if (repeat.isPart) return partAdvice(repeat)
  const isNamesake = rows.some(row => nameOfRow(row) === file.name)
  if (rows.length > 1)
    return {
      remedy: isNamesake
        ? `put ${old} back as they ran, each for itself, and rehash`
        : `put ${old} back as they ran, delete ${file.name} and rehash`,
      details: [
        `${file.name} is a squash of them`,
        never,
        'To spare new databases the old files, add a checkpoint beside them: "atlas migrate checkpoint"',
        ...goneRowsAdvice(repeat, context),
      ],
    }
  const back = repeat.isReworded
    ? `put ${old} back as it ran${latePart(context)}, delete ${file.name}`
    : `give it its old name back, ${old}${latePart(context)},`
  return {
    remedy: `${back} and rehash`,
    details: [never, ...pendingPart(context), ...goneRowsAdvice(repeat, context)],
  }
}

/** A split is undone whole: the old file alone, or else the part runs beside it. */
function partAdvice({ file, rows }: RepeatedFile): WayOut {
  const old = listNames(rows.map(nameOfRow))
  return {
    remedy: `put ${old} back as ${rows.length === 1 ? 'it' : 'they'} ran, delete ${file.name} and rehash`,
    details: [never, 'A file that ran is not split: all of it is done here'],
  }
}

/** A squash, or a file that was changed as well, has statements that must still run. */
function restAdvice({ file, rows }: RepeatedFile, { history }: Context): WayOut {
  const old = listNames(rows.map(nameOfRow))
  const last = history.rows.at(-1)!.version
  const stays = compareBytewise(file.version, last) > 0
  const rest = stays
    ? `and leave in ${file.name} only what has not run`
    : `and move what has not run into a file above ${last}`
  return {
    remedy: `put ${old} back as ${rows.length === 1 ? 'it' : 'they'} ran, ${rest}`,
    details: [never, 'Then run "atlas migrate hash"'],
  }
}

/** Files without a row that a file under its old version would be newer than. */
function latePart(context: Context): string {
  const [late] = others(context)
  if (late.length === 0) return ''
  return `, number ${listNames(late)} above ${context.history.rows.at(-1)!.version}`
}

function pendingPart(context: Context): readonly string[] {
  const [, newer] = others(context)
  if (newer.length === 0) return []
  return [`${listNames(newer)} did not run here, and ${newer.length === 1 ? 'runs' : 'run'} then`]
}

/** Files between the first and the last row that have no row, and those above the last row. */
function others({
  history: { files, rows },
  repeated,
}: Context): readonly [late: readonly string[], newer: readonly string[]] {
  const applied = new Set(rows.map(row => row.version))
  const [first, last] = [rows[0]!.version, rows.at(-1)!.version]
  const open = files.filter(
    file =>
      !repeated.has(file.name) &&
      !file.checkpoint &&
      !applied.has(file.version) &&
      compareBytewise(file.version, first) > 0,
  )
  const isLate = ({ version }: { readonly version: string }) => compareBytewise(version, last) < 0
  return [
    open.filter(isLate).map(({ name }) => name),
    open.filter(file => !isLate(file)).map(({ name }) => name),
  ]
}

/**
 * The other way, for a version that other databases know already. `atlas migrate set` writes rows
 * and leaves those below its version alone (v1.2.3), so the old rows have to be deleted first.
 */
function goneRowsAdvice({ file, rows }: RepeatedFile, { history }: Context): readonly string[] {
  const filed = new Set(history.files.map(({ version }) => version))
  const lost = rows.filter(row => !filed.has(row.version)).map(row => row.version)
  if (lost.length === 0) return []
  const rowed = history.rows.some(row => row.version === file.version)
  const set = rowed ? '' : `, then run "atlas migrate set ${file.version}"`
  const condition = rowed
    ? 'once no database needs the old files'
    : `if other databases ran it as ${file.version}, and once every other file up to it ran here`
  const noun = lost.length === 1 ? 'the row' : 'the rows'
  return [`Or, ${condition}: delete ${noun} ${listNames(lost)} of the revisions table${set}`]
}
