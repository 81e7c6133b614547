import type { StatementDialect } from './dialect.js'
import { eachWord, headWords, type Word } from './words.js'

/** The first words of one command. */
export type Command = readonly Word[]

/**
 * The commands of one statement, without those that are empty. With a delimiter of its own, or in a
 * block of BEGIN and END, Atlas sends several commands as one statement. The body of a function or a
 * rule belongs to its command.
 */
export function readCommands(statement: string, dialect: StatementDialect): readonly Command[] {
  const commands: Word[][] = []
  let command: Word[] = []
  let depth = 0
  let body = false
  for (const word of eachWord(statement, dialect)) {
    if (word.key === '(') depth++
    else if (word.key === ')') depth--
    else if (word.key === 'atomic' && command[0]?.key === 'create') body = true
    if (word.key === ';' && depth <= 0 && !body) {
      if (command.length > 0) commands.push(command)
      command = []
    } else if (command.length < headWords) command.push(word)
  }
  return command.length > 0 ? [...commands, command] : commands
}
