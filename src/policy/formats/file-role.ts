import { describeOrder } from './flyway-order.js'
import type { ImportFormat } from './marker.js'

/** What the name of a file says to another migration tool. */
export interface FileRole {
  readonly tool: string
  readonly importFormat: ImportFormat | null
  /** undo: it takes back what another file does. The other three are Flyway's. */
  readonly role: 'undo' | 'versioned' | 'repeatable' | 'baseline'
  /**
   * Whether nothing but an undo has such a name in such a directory. Where it is not, nothing is
   * denied.
   */
  readonly certain: boolean
}

/** Reads the sorted names of one directory. Some names say something only beside others. */
export function roleFinder(names: readonly string[]): (name: string) => FileRole | null {
  const known = { all: new Set(names), subjects: countSubjects(names) }
  const isFlyway = names.some(name => flywayVersioned.test(name))
  const convertible = new Set([
    ...(isFlywayConvertible(names) ? ['Flyway'] : []),
    ...(names.every(name => pairEnding.test(name)) ? [golangMigrate] : []),
  ])
  return name => {
    const role = flywayRole(name, isFlyway) ?? undoRole(name, known)
    return role === null || convertible.has(role.tool) ? role : { ...role, importFormat: null }
  }
}

/** The import takes only files that end in .up.sql, and would lose all others. */
const pairEnding = /\.(?:up|down)\.sql$/

/**
 * Whether `atlas migrate import` (v1.2.3) keeps Flyway's order. It cuts off the V and leaves the rest
 * of a version as it is, and gives an R file a name that sorts before the last V file.
 */
function isFlywayConvertible(names: readonly string[]): boolean {
  return (
    names.every(name => flywayVersioned.test(name) || flywayUndo.test(name)) &&
    !names.some(name => /^V[\d.]*\d_\d/.test(name)) &&
    describeOrder(names) === null
  )
}

const golangMigrate = 'golang-migrate'

const flywayVersioned = /^V\d+(?:[._]\d+){0,20}__./
const flywayUndo = /^U\d+(?:[._]\d+){0,20}__./
const flywayBaseline = /^B\d+(?:[._]\d+){0,20}__./
const flywayRepeatable = /^R__./

function flywayRole(name: string, isFlyway: boolean): FileRole | null {
  const flyway = { tool: 'Flyway', importFormat: 'flyway' } as const
  if (flywayVersioned.test(name)) return { ...flyway, role: 'versioned', certain: true }
  if (flywayUndo.test(name)) return { ...flyway, role: 'undo', certain: isFlyway }
  if (flywayBaseline.test(name)) return { ...flyway, role: 'baseline', certain: isFlyway }
  return flywayRepeatable.test(name) ? { ...flyway, role: 'repeatable', certain: isFlyway } : null
}

interface Ending {
  readonly back: string
  /** The ending of the file that it takes back. */
  readonly forth: string
  readonly tool: string
}

/** Endings that a description does not have: they name the half of a pair. */
const endings: readonly Pick<Ending, 'back' | 'tool'>[] = [
  { back: '.down.sql', tool: golangMigrate },
  { back: '.rollback.sql', tool: 'yoyo-migrations' },
  { back: '.undo.sql', tool: 'a do/undo tool' },
  { back: '.revert.sql', tool: 'a revert tool' },
]

/** Endings that a description may have, too. They count only beside the other half. */
const halves: readonly Ending[] = [
  { back: '-down.sql', forth: '-up.sql', tool: 'db-migrate' },
  { back: '_down.sql', forth: '_up.sql', tool: 'an up/down tool' },
  { back: '-undo.sql', forth: '-do.sql', tool: 'a do/undo tool' },
  { back: '_undo.sql', forth: '_do.sql', tool: 'a do/undo tool' },
  { back: '-rollback.sql', forth: '.sql', tool: 'a rollback tool' },
  { back: '_rollback.sql', forth: '.sql', tool: 'a rollback tool' },
  // With an underscore both halves have one version, so that they never run side by side.
  { back: '_undo.sql', forth: '.sql', tool: 'a do/undo tool' },
  { back: '_revert.sql', forth: '.sql', tool: 'a revert tool' },
  { back: '_down.sql', forth: '.sql', tool: 'an up/down tool' },
]

/** A word in front of the description of the other half, of the same version. */
const leading = /^(\d+_)(?:down|revert|rollback|undo)_(.*)$/

interface Names {
  readonly all: ReadonlySet<string>
  /** How many names say this between version and ending. */
  readonly subjects: ReadonlyMap<string, number>
}

const postgrator = /^\d+\.undo\./

function undoRole(name: string, { all, subjects }: Names): FileRole | null {
  const tool = undoTool(name, all)
  const importFormat = tool === golangMigrate ? golangMigrate : null
  if (tool === null) return null
  // With no other file about the same it may well be a migration of its own, which takes back on
  // purpose what an earlier one did.
  const certain = !lonely.test(name) || subjects.get(subjectOf(name))! > 1
  return { tool, importFormat, role: 'undo', certain }
}

const lonely = /\.(?:rollback|undo|revert)\.sql$/

/** What a name says between its version and its first dot. */
function subjectOf(name: string): string {
  const text = name.slice(name.indexOf('_') + 1)
  return text.slice(0, text.indexOf('.'))
}

function countSubjects(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(subjectOf(name), (counts.get(subjectOf(name)) ?? 0) + 1)
  return counts
}

function undoTool(name: string, all: ReadonlySet<string>): string | null {
  if (postgrator.test(name)) return 'postgrator'
  if (name === 'down.sql') return all.has('up.sql') ? 'Diesel' : null
  const isHalf = ({ back, forth }: Ending) =>
    name.endsWith(back) && all.has(name.slice(0, -back.length) + forth)
  const found = endings.find(({ back }) => name.endsWith(back)) ?? halves.find(isHalf)
  if (found) return found.tool
  const [, version, rest] = leading.exec(name) ?? []
  return rest !== undefined && all.has(`${version}${rest}`) ? 'an up/down tool' : null
}
