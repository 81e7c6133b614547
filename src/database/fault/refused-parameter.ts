import type { RefusedParameter } from '../../policy/facts/facts.js'
import { DatabaseFault, errorCode } from './database-fault.js'

/** The server, or a pooler before it, refused the login for a parameter of the URL. */
export class ParameterFault extends DatabaseFault {
  readonly refused: RefusedParameter

  constructor(refused: RefusedParameter, cause: unknown) {
    super('parameter-refused', 'the server refused a parameter of the URL', { cause })
    this.name = 'ParameterFault'
    this.refused = refused
  }
}

/** What a server answers where a start-up parameter is the cause, by SQLSTATE. */
const reasons: ReadonlyMap<string, RefusedParameter['reason']> = new Map([
  ['42704', 'unknown'],
  ['55P02', 'fixed'],
  ['22023', 'value'],
  // `options` is a command line, and has a syntax of its own.
  ['42601', 'value'],
  ['42501', 'right'],
  ['08P01', 'pooler'],
])

/** Longest part of the server's message that is looked through. */
const readCharacters = 500

/**
 * The fault for a login that was refused because of one of these parameters; null where it was
 * refused for another reason. Nothing of the server's text is passed on: it only picks one of the
 * names that were sent.
 */
export function refusedParameter(error: unknown, names: readonly string[]): ParameterFault | null {
  const reason = reasons.get(errorCode(error))
  if (!(error instanceof Error) || reason === undefined || names.length === 0) return null
  const message = error.message.slice(0, readCharacters)
  // PgBouncer has one code for everything. PostgreSQL uses it for a packet that is malformed.
  if (reason === 'pooler' && !message.includes('startup parameter')) return null
  // The role may lack CONNECT on the database. PostgreSQL says in which of its functions that is.
  if (reason === 'right' && 'routine' in error && error.routine === 'CheckMyDatabase') return null
  return new ParameterFault({ reason, parameter: namedIn(message, names) }, error)
}

/** The name in the message: first among what is quoted, then among all words. */
function namedIn(message: string, names: readonly string[]): string | null {
  const known = new Map(names.map(name => [name.toLowerCase(), name]))
  const quoted = message.match(/"[^"]*"/g) ?? []
  const words = message.match(/[\w.-]+/g) ?? []
  for (const word of [...quoted.map(text => text.slice(1, -1)), ...words]) {
    const name = known.get(word.toLowerCase())
    if (name !== undefined) return name
  }
  // What `options` sets has names of its own.
  return known.get('options') ?? (names.length === 1 ? (names[0] ?? null) : null)
}
