import type { ConsolidationInput, Refusal } from './consolidation.js'
import {
  describeCandidate,
  type CandidatesByVersion,
  type MergeCandidate,
} from './merge-candidate.js'
import { isCovered, type MergeTable } from './merge-table.js'
import { listNames } from '../text/name-list.js'

/** Which file is kept for each version. */
export interface MergeChoice {
  readonly kept: readonly MergeCandidate[]
  /** Files that never ran anywhere and whose version another file keeps. They need new versions. */
  readonly displaced: readonly MergeCandidate[]
  readonly refusals: readonly Refusal[]
}

/**
 * Decides each collision by what the databases ran. Where that does not decide, the first file is
 * kept and a refusal says so.
 */
export function chooseFiles(
  groups: CandidatesByVersion,
  tables: readonly MergeTable[],
  { renamePending }: ConsolidationInput,
): MergeChoice {
  const kept: MergeCandidate[] = []
  const displaced: MergeCandidate[] = []
  const refusals: Refusal[] = []
  for (const [version, group] of groups) {
    const [only, ...others] = group
    if (others.length === 0) {
      kept.push(only!)
      continue
    }
    const collision = { version, group, tables }
    const choice = choose(collision)
    kept.push(choice.candidate)
    const isSolved = choice.remedy === null && renamePending
    if (isSolved) displaced.push(...group.filter(candidate => candidate !== choice.candidate))
    else refusals.push(refuse(collision, choice))
  }
  return { kept, displaced, refusals }
}

interface Collision {
  readonly version: string
  readonly group: readonly MergeCandidate[]
  readonly tables: readonly MergeTable[]
}

interface Choice {
  readonly candidate: MergeCandidate
  readonly found: string
  /**
   * What a person has to do; null when giving the other files new versions is enough, since none of
   * them ran anywhere.
   */
  readonly remedy: string | null
}

function choose(collision: Collision): Choice {
  const { group, tables } = collision
  const candidate = group[0]!
  if (tables.length === 0) {
    const remedy = 'name the databases that use them, or rename the one that never ran and rehash'
    return { candidate, found: 'no database was named that tells which ran', remedy }
  }
  const unclear = tables.filter(
    ({ readings }) => readings.get(collision.version)?.kind === 'unknown',
  )
  if (unclear.length > 0) {
    const databases = listNames(unclear.map(({ database }) => database.name))
    const found = `neither description nor hash of the row on ${databases} tells which ran`
    return { candidate, found, remedy: 'find out which ran there, and take the other out' }
  }
  return chooseWhatRan(collision)
}

function chooseWhatRan({ version, group, tables }: Collision): Choice {
  const ran = group
    .map(candidate => ({
      candidate,
      on: tables.filter(table => wasThere(table, version, candidate)).map(nameOf),
    }))
    .filter(({ on }) => on.length > 0)
  const [first, second] = ran
  if (first === undefined) return { candidate: group[0]!, found: 'none of them ran', remedy: null }
  const parts = ran.map(
    ({ candidate, on }) => `${describeCandidate(candidate)} ran on ${listNames(on)}`,
  )
  const { candidate } = first
  if (second === undefined) return { candidate, found: `only ${parts[0]}`, remedy: null }
  const remedy =
    'keep the directories apart: another revisionsSchema, and a baseline from the first reconcile on, for one of them'
  return { candidate, found: listNames(parts), remedy }
}

function nameOf({ database }: MergeTable): string {
  return database.name
}

/**
 * Whether a database has the file's effect: it ran the file, or a baseline or a checkpoint of the
 * file's directory stands for it.
 */
function wasThere(table: MergeTable, version: string, candidate: MergeCandidate): boolean {
  const reading = table.readings.get(version)
  if (reading !== undefined) return reading.kind === 'ran' && reading.candidate === candidate
  return isCovered(table, candidate)
}

function refuse({ version, group }: Collision, choice: Choice): Refusal {
  const others = group.filter(candidate => candidate !== choice.candidate)
  const rename = `rename ${listNames(others.map(describeCandidate))} to a newer version and rehash, or have pending files renamed`
  return {
    reason: 'version-collision',
    found: `${listNames(group.map(describeCandidate))} have one version (${version}): ${choice.found}`,
    remedy: choice.remedy ?? rename,
    subjects: group.map(({ file }) => file.name),
    database: null,
  }
}
