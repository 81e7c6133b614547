import { SumChain } from '../directory/sum.js'
import type { MigrationFile } from '../directory/file.js'
import { compareBytewise } from '../text/go-string.js'
import { Budget } from './budget.js'
import { rowHash, type Revision } from '../engine/revision.js'

/** A row whose own file is gone, and the part of another file that ran as that row. */
export interface MovedText {
  readonly row: Revision
  /** The present file that holds the text. */
  readonly file: MigrationFile
  /** The text that ran. */
  readonly text: string
  /** Where the text ends in the file, so that a rest can be told. */
  readonly end: number
}

export interface MovedTextInput {
  /** Files that ran under their present name, sorted by name, bytewise. */
  readonly inPlace: readonly MigrationFile[]
  /** Rows whose text is no longer under their name. */
  readonly displaced: readonly Revision[]
  /** Files that may hold such a text. */
  readonly candidates: readonly MigrationFile[]
}

/** About fifty milliseconds of hashing. The rows are untrusted. */
const wholeBudget = 50_000

/** What one digest costs, in units of the budget: the state is copied for it. */
const digestCost = 25

/** The name under which Atlas ran the file of a row, as far as version and description tell. */
export function nameOfRow({ version, description }: Pick<Revision, 'version' | 'description'>) {
  return `${version}${description === '' ? '' : `_${description}`}.sql`
}

/**
 * Finds texts that ran under another name than today, without knowing the old directory: `migrate
 * rebase` renames a file, and a squash joins several. The hash of a row covers the names and bytes
 * of all files up to its own (Atlas v1.2.3), so a file, or the next part of it that ends with a
 * line, is proven to be the row's text when it gives that hash.
 */
export function findMovedTexts(input: MovedTextInput): readonly MovedText[] {
  const { inPlace, candidates } = input
  const displaced = input.displaced
    .filter(row => rowHash(row) !== '')
    .map(row => ({ row, name: nameOfRow(row) }))
    .sort((a, b) => compareBytewise(a.name, b.name))
  const budget = new Budget(wholeBudget)
  const ends = new Map<MigrationFile, number>()
  const moved: MovedText[] = []
  let chain = new SumChain()
  let next = 0
  for (const { row, name } of displaced) {
    for (; next < inPlace.length; next++) {
      const file = inPlace[next]!
      if (compareBytewise(file.name, name) > 0 || !budget.take(costOf(file.content))) break
      chain.append(file)
    }
    const found = findText({ row, name, chain, candidates, ends, budget })
    if (found === null) continue
    moved.push(found)
    ends.set(found.file, found.end)
    chain = chain.copy()
    chain.append({ name, content: found.text, sumIgnored: false })
  }
  return moved
}

function costOf(text: string): number {
  return 1 + (text.length >> 10)
}

interface Search {
  readonly row: Revision
  readonly name: string
  /** The hash over everything that was there before the row's own file. */
  readonly chain: SumChain
  readonly candidates: readonly MigrationFile[]
  /** Where the last part that was found ends. */
  readonly ends: ReadonlyMap<MigrationFile, number>
  readonly budget: Budget
}

function findText({ row, name, chain, candidates, ends, budget }: Search): MovedText | null {
  // A rebase keeps the description, so such a file is the likeliest.
  const likely = candidates.filter(({ description }) => description === row.description)
  for (const file of new Set([...likely, ...candidates])) {
    for (const start of startsAfter(file.content, ends.get(file) ?? 0)) {
      const end = findEnd({ row, name, chain, content: file.content, budget }, start)
      if (end !== null) return { row, file, end, text: file.content.slice(start, end) }
    }
  }
  return null
}

/** A joined file may have blank lines between its parts. */
function startsAfter(content: string, end: number): readonly number[] {
  if (end >= content.length) return []
  const skipped = /^\s+/.exec(content.slice(end, end + 16))?.[0].length ?? 0
  return skipped === 0 ? [end] : [end, end + skipped]
}

/** Tries each line that ends a statement, since the files that are joined end with one. */
function findEnd(
  {
    row,
    name,
    chain,
    content,
    budget,
  }: Pick<Search, 'row' | 'name' | 'chain' | 'budget'> & { readonly content: string },
  start: number,
): number | null {
  const state = chain.copy()
  let from = start
  let fed = start
  let label = name
  while (from < content.length) {
    const line = content.indexOf('\n', from)
    const end = line === -1 ? content.length : line + 1
    if (end < content.length && !mayEnd(content, from, end)) {
      from = end
      continue
    }
    const part = content.slice(fed, end)
    if (!budget.take(digestCost + costOf(part))) return null
    if (state.append({ name: label, content: part, sumIgnored: false }) === rowHash(row)) return end
    label = ''
    from = end
    fed = end
  }
  return null
}

/** Whether a file may end with this line: it ends a statement, is blank, or is a comment. */
function mayEnd(content: string, from: number, end: number): boolean {
  let at = end - 1
  while (at >= from && isBlank(content[at])) at--
  return at < from || content[at] === ';' || content.startsWith('--', from)
}

function isBlank(character: string | undefined): boolean {
  return character === '\n' || character === '\r' || character === ' ' || character === '\t'
}
