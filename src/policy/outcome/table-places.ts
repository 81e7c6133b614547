import { revisionsTable } from '../../atlas/engine/revision.js'
import { readCommands, type Command } from '../../atlas/statement/commands.js'
import type { StatementDialect } from '../../atlas/statement/dialect.js'
import type { Target } from '../facts/facts.js'
import { lineOf } from './defect.js'
import type { PendingStatements } from './pending-statements.js'
import { changedPath, firstPath, type SearchPath } from './search-path.js'
import { tableEffect, type TableEffect } from './table-effect.js'

/** A place where a file touches the table in which Atlas records what ran. */
export interface TablePlace {
  readonly file: string
  /** 1-based. */
  readonly line: number
  readonly effect: TableEffect
  /** Whether it is that table for certain, and breaks for certain. */
  readonly certain: boolean
}

/** Every such place, in the order in which they run. */
export function tablePlaces(ahead: PendingStatements, target: Target): readonly TablePlace[] {
  const search = new TableSearch(ahead.dialect, target)
  return ahead.files.flatMap(({ name: file, statements }) =>
    (statements ?? []).flatMap(statement =>
      search.effectsOf(statement.text).map(({ at, effect, certain }) => ({
        file,
        line: lineOf(statement, at),
        effect,
        certain,
      })),
    ),
  )
}

interface FoundEffect {
  readonly at: number
  readonly effect: TableEffect
  readonly certain: boolean
}

/** What may be meant as a repair, and does not break the table for certain. */
const milder: ReadonlySet<TableEffect> = new Set([
  'changes rows of',
  'changes the columns of',
  'may drop',
])

/** Reads statement after statement, because a file may change where names without a schema lead. */
class TableSearch {
  readonly #dialect: StatementDialect
  readonly #schema: string
  readonly #first: SearchPath | null
  #path: SearchPath | null

  constructor(dialect: StatementDialect, { boundSchema, revisionsSchema }: Target) {
    this.#dialect = dialect
    this.#schema = revisionsSchema
    this.#first = firstPath(boundSchema, dialect)
    this.#path = this.#first
  }

  effectsOf(text: string): readonly FoundEffect[] {
    if (!this.#matters(text)) return []
    return readCommands(text, this.#dialect).flatMap(command => this.#effectOf(command) ?? [])
  }

  /** A quick test, so that the data of a seed file is not read word by word. */
  #matters(text: string): boolean {
    const lower = text.toLowerCase()
    const names = [revisionsTable, this.#schema.toLowerCase(), 'search_path']
    return (
      names.some(name => lower.includes(name)) ||
      /^(?:set|reset|discard|drop\s+owned)\b/.test(lower)
    )
  }

  #effectOf(command: Command): FoundEffect | null {
    const changed = this.#dialect === 'postgres' ? changedPath(command, this.#first) : undefined
    if (changed !== undefined) this.#path = changed
    const at = command[0]!.start
    const sure = this.#find(command, this.#path?.certain === true ? this.#path : null)
    if (sure !== null) return { at, effect: sure, certain: !milder.has(sure) }
    const likely = this.#find(command, this.#path)
    return likely === null ? null : { at, effect: likely, certain: false }
  }

  #find(command: Command, path: SearchPath | null): TableEffect | null {
    return tableEffect(command, {
      dialect: this.#dialect,
      schema: this.#schema,
      isTable: ({ schema, name }) =>
        name === revisionsTable && (schema ?? path?.schema) === this.#schema,
    })
  }
}
