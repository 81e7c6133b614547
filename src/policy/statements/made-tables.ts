import type { MigrationFile } from '../../atlas/directory/file.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import { scanStatements } from '../../atlas/statement/statement.js'
import { readWords, type Word } from '../../atlas/statement/words.js'

/** What files leave behind when they run, as far as their own words tell. */
export interface MadeTables {
  /** Names of the tables, without schema, by the file that makes them. */
  readonly tables: ReadonlyMap<string, MigrationFile>
  /** Whether some statement may make, drop or rename tables in a way that is not understood. */
  readonly isUnclear: boolean
  /** Whether there is any statement at all. */
  readonly hasStatements: boolean
}

/** The name of a table stands within the first words of its statement. */
const nameWithin = 16

/** Follows CREATE, DROP and RENAME through the files, in their order. */
export function madeTables(files: readonly MigrationFile[], dialect: StatementDialect): MadeTables {
  const tables = new Map<string, MigrationFile>()
  let isUnclear = false
  let hasStatements = false
  for (const file of files) {
    const scan = scanStatements(file.content, dialect)
    if ('error' in scan) {
      isUnclear = true
      continue
    }
    for (const statement of scan.statements) {
      const change = changeOf(readWords(statement, dialect, nameWithin))
      hasStatements = true
      if (change === 'unclear') isUnclear = true
      else if (change) {
        for (const name of change.gone) tables.delete(name)
        for (const name of change.made) tables.set(name, file)
      }
    }
  }
  return { tables, isUnclear, hasStatements }
}

interface Change {
  readonly made: readonly string[]
  readonly gone: readonly string[]
}

function changeOf(words: readonly Word[]): Change | 'unclear' | null {
  const keys = words.map(({ key }) => key)
  const [first = '', second = ''] = keys
  if (first === 'create') return creation(words, keys)
  if (first === 'drop' && second === 'table') return dropping(words, keys)
  if (first === 'alter' && second === 'table') return renaming(words, keys)
  // What these do is not told by their first words.
  return ['do', 'call', 'select', 'with', 'execute'].includes(first) ||
    (first === 'drop' && ['schema', 'owned', 'extension'].includes(second))
    ? 'unclear'
    : null
}

function creation(words: readonly Word[], keys: readonly string[]): Change | 'unclear' | null {
  const at = keys.indexOf('table')
  if (at === -1 || at > 3) return keys[1] === 'extension' ? 'unclear' : null
  if (keys.slice(1, at).some(key => key !== 'unlogged')) return null
  const place = nameAt(words, at + 1, ['if', 'not', 'exists'])
  // Partitions are part of their table.
  if (!place || keys[place.end] === 'partition') return null
  return { made: [place.name], gone: [] }
}

function dropping(words: readonly Word[], keys: readonly string[]): Change | 'unclear' {
  const place = nameAt(words, 2, ['if', 'exists'])
  return place && keys[place.end] !== ',' ? { made: [], gone: [place.name] } : 'unclear'
}

function renaming(words: readonly Word[], keys: readonly string[]): Change | null {
  const place = nameAt(words, 2, ['if', 'exists', 'only'])
  if (!place || keys[place.end] !== 'rename' || keys[place.end + 1] !== 'to') return null
  const name = words[place.end + 2]?.text
  return name === undefined ? null : { made: [name], gone: [place.name] }
}

/** A name, perhaps with its schema, behind words that may be left out. */
function nameAt(
  words: readonly Word[],
  from: number,
  optional: readonly string[],
): { readonly name: string; readonly end: number } | null {
  let at = from
  while (optional.includes(words[at]?.key ?? '')) at++
  while (words[at + 1]?.key === '.') at += 2
  const word = words[at]
  return word?.kind === 'word' || word?.kind === 'name' ? { name: word.text, end: at + 1 } : null
}
