import { Client, type ClientConfig } from 'pg'
import type { Parameter } from '../../policy/url/driver-parameters.js'
import { DatabaseFault } from '../fault/database-fault.js'

/** Most bytes of a start-up message that PostgreSQL takes (MAX_STARTUP_PACKET_LENGTH). */
const longestStartup = 10_000

/**
 * A client that sends further start-up parameters, as the operator's driver does. `pg` itself sends
 * only those that it knows. A server that refuses one of them refuses the operator as well, and a
 * `role` or an `options` among them decides what the session may do.
 */
export class StartupClient extends Client {
  readonly #parameters: readonly Parameter[]
  readonly #own: Readonly<Record<string, string>>

  /** @throws DatabaseFault for more than a server takes. */
  constructor(config: ClientConfig, parameters: readonly Parameter[]) {
    super(config)
    const { user = '', database = '', application_name: application = '' } = config
    this.#own = { user, database: database || user, application_name: application }
    this.#parameters = parameters
    const bytes = Buffer.byteLength(Object.entries(this.#own).concat(texts(parameters)).join())
    if (bytes > longestStartup)
      throw new DatabaseFault(
        'unsupported',
        'the parameters of the URL are longer than a server takes',
      )
  }

  /** Called by `pg` for its first message. A name can be any text, so no object is extended. */
  getStartupConf(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#parameters, ...Object.entries(this.#own)])
  }
}

function texts(parameters: readonly Parameter[]): [string, string][] {
  return parameters.map(([name, value]) => [name, value])
}
