import { readCommands } from '../../atlas/statement/commands.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { directoryField, usedDirectory } from '../facts/used-directory.js'
import { lineOf } from '../outcome/defect.js'
import { pendingStatements, type PendingFile } from '../outcome/pending-statements.js'
import {
  afterCommand,
  endsTransaction,
  outsideOnly,
  type OpenTransaction,
} from '../outcome/transaction.js'

export const transactionInFile: Rule = {
  id: 'transaction-in-file',
  title: 'A pending file has a COMMIT or ROLLBACK of its own, which ends the transaction of Atlas.',
  why: 'Atlas runs a file in one transaction. Behind a COMMIT nothing is undone when a statement fails, and at the end the operator reports "unexpected transaction status idle", although the file ran.',
  severity: 'warn',
  evidence: 'content',
  order: 2078,
  since: '0.2.0',
  evaluate,
}

interface Ending {
  readonly file: string
  readonly line: number
  readonly word: string
  /** Whether a statement behind it is refused by every transaction. */
  readonly meant: boolean
}

function evaluate(facts: Facts): Finding | null {
  const used = usedDirectory(facts)
  const pending = pendingStatements(facts)
  // MySQL ends the transaction itself at most statements.
  if (used === null || pending?.dialect !== 'postgres') return null
  const endings = pending.files
    .filter(({ inTransaction }) => inTransaction)
    .flatMap(file => endingOf(file) ?? [])
  const [first, ...others] = endings
  if (first === undefined) return null
  return {
    found: sentence(first),
    expected: 'files without BEGIN and COMMIT',
    remedy: `${remedyFor(first)} and run \`atlas migrate hash\``,
    field: directoryField(used),
    subjects: endings.map(({ file }) => file),
    details: others.map(sentence),
    at: { file: first.file, line: first.line },
  }
}

function sentence({ file, line, word }: Ending): string {
  const effect = undoing.has(word) ? 'undoes what ran before it' : 'ends the transaction of Atlas'
  return `${file} ${effect} (line ${line}: ${word})`
}

const undoing: ReadonlySet<string> = new Set(['ROLLBACK', 'ABORT'])

function remedyFor({ word, meant }: Ending): string {
  if (meant) return 'put `-- atlas:txmode none` and an empty line at its top instead'
  const remedy = `remove BEGIN and ${word}`
  return undoing.has(word) ? `${remedy} to keep its changes` : remedy
}

/** The first command of the file that ends a transaction. */
function endingOf({ name, statements }: PendingFile): Ending | null {
  let open: OpenTransaction = 'atlas'
  let ending: Ending | null = null
  for (const statement of statements ?? []) {
    for (const command of readCommands(statement.text, 'postgres')) {
      if (ending !== null && open === null && outsideOnly(command) !== null)
        return { ...ending, meant: true }
      if (ending === null && open !== null && endsTransaction(command)) {
        const [first] = command
        const line = lineOf(statement, first!.start)
        ending = { file: name, line, word: first!.text.toUpperCase(), meant: false }
      }
      open = afterCommand(open, command)
    }
  }
  return ending
}
