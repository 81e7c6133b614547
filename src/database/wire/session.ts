import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, QueryArrayResult } from 'pg'
import type { DatabaseUrlParts } from '../../policy/url/database-url.js'
import { startupParameters } from '../../policy/url/driver-parameters.js'
import type { AnswerShare } from './answer-share.js'
import { sendCancelRequest, type CancelTarget } from './cancel-request.js'
import type { Pooled } from '../pool/connection-pool.js'
import {
  connectTimeout,
  errorCode,
  isServerAnswer,
  isTlsError,
  queryTimeout,
} from '../fault/database-fault.js'
import { refusedParameter } from '../fault/refused-parameter.js'
import type { PasswordPolicy } from './login-steps.js'
import { connectServer, isVerified } from './server-connection.js'
import { ServerStream } from './server-stream.js'
import { StartupClient } from './startup-client.js'
import type { SslOptions } from '../address/ssl-options.js'

/** How long a canceled query may take to end, before its connection is given up. */
const cancelGraceMs = 500

/** SQLSTATE query_canceled. */
const queryCanceled = '57014'

/** Every value as the text that the server sent; null stays null. */
export type TextRow = readonly (string | null)[]

/**
 * Resolves to false when a connection has had time to settle. It is then given up, because its
 * server may never answer.
 */
function afterGrace(): Promise<false> {
  return sleep(cancelGraceMs, false, { ref: false })
}

const textTypes = { getTypeParser: () => (text: string) => text }

export interface SessionOptions {
  readonly parts: DatabaseUrlParts
  readonly ssl: SslOptions
  /** Begins to connect. Throws when the address may not be connected to. */
  readonly connect: () => Socket
  readonly connectTimeoutMs: number
  /** Limits what the server may send. */
  readonly answers: AnswerShare
  /** `isVerified`: the connection uses TLS, and the certificate proves the host. */
  readonly passwordPolicy: (isVerified: boolean) => PasswordPolicy
}

/** Fields that `pg` has without showing them in its types, and which a cancel request needs. */
interface ClientKeys {
  readonly processID: number
  readonly secretKey: number
}

/**
 * The address that a connected socket has reached. It is read while the socket lives, because a
 * closed one no longer knows it.
 */
function addressOf(socket: Socket, { host, port }: DatabaseUrlParts): CancelTarget['address'] {
  const { remoteAddress, remotePort } = socket
  return remoteAddress === undefined || remotePort === undefined
    ? { path: `${host}/.s.PGSQL.${port}` }
    : { host: remoteAddress, port: remotePort }
}

interface Opened {
  readonly client: Client
  readonly socket: Socket
  readonly address: CancelTarget['address']
}

/**
 * One connection with settings that this program chooses. The URL itself never reaches `pg`, which
 * would drop parameters, read sslmode in its own way, and look for a password in files and
 * variables. TCP and TLS are handled here as well, so that `pg` sees nothing of the server that was
 * not checked before.
 */
export class Session implements Pooled {
  readonly #client: Client
  readonly #socket: Socket
  readonly #address: CancelTarget['address']
  readonly #options: SessionOptions
  #settled: Promise<boolean> = Promise.resolve(true)

  private constructor({ client, socket, address }: Opened, options: SessionOptions) {
    this.#client = client
    this.#socket = socket
    this.#address = address
    this.#options = options
  }

  /** @throws DatabaseFault, or what `pg` throws. */
  static async open(options: SessionOptions, signal: AbortSignal): Promise<Session> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(options.connectTimeoutMs)])
    const socket = options.connect()
    const stop = () => socket.destroy(connectTimeout())
    limit.addEventListener('abort', stop, { once: true })
    if (limit.aborted) stop()
    try {
      const connection = await connectServer(socket, { ...options, host: options.parts.host })
      const address = addressOf(socket, options.parts)
      const client = await logIn(connection, options)
      return new Session({ client, socket: connection, address }, options)
    } catch (error) {
      socket.destroy()
      throw limit.aborted ? connectTimeout() : error
    } finally {
      limit.removeEventListener('abort', stop)
    }
  }

  /**
   * Runs statements in one round trip and returns their rows. When the signal fires, the server is
   * asked to stop, and the caller does not wait for that.
   * @throws DatabaseFault for the time limit, else what `pg` throws.
   */
  async query(text: string, signal: AbortSignal): Promise<readonly (readonly TextRow[])[]> {
    const running = this.#settled.then(() =>
      this.#client.query<(string | null)[]>({ text, rowMode: 'array' }),
    )
    const outcome = running.then(
      () => true,
      error => this.#rollBack(error),
    )
    this.#settled = outcome
    // For several statements pg returns a list, for one statement the result itself.
    const results = (await this.#untilAborted(running, outcome, signal)) as unknown
    return ([results].flat() as QueryArrayResult<(string | null)[]>[]).map(({ rows }) => rows)
  }

  /**
   * Ends the transaction that a failed statement leaves open. Otherwise a pooler would keep the
   * server connection for it.
   */
  #rollBack(error: unknown): Promise<boolean> | boolean {
    if (!isServerAnswer(error)) return false
    const rolledBack = this.#client.query('ROLLBACK').then(
      () => true,
      () => false,
    )
    return Promise.race([rolledBack, afterGrace()])
  }

  /** The address where the connection ends, as the name was resolved; null when it is closed. */
  address(): string | null {
    const { remoteAddress, remotePort } = this.#socket
    if (remoteAddress === undefined) return null
    return `${remoteAddress.replace(/^::ffff:/, '')} ${remotePort}`
  }

  settled(): Promise<boolean> {
    return this.#settled
  }

  end(): void {
    // Tells the server about the end if possible. A server that is silent, or sends without end,
    // must not keep the socket open.
    this.#client.end().catch(() => undefined)
    const timer = setTimeout(() => this.#socket.destroy(), cancelGraceMs)
    this.#socket.once('close', () => clearTimeout(timer))
  }

  onClose(callback: () => void): void {
    this.#client.once('end', callback)
  }

  #untilAborted<R>(
    running: Promise<R>,
    outcome: Promise<boolean>,
    signal: AbortSignal,
  ): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const stop = () => {
        // A cancel request that arrives late would hit the next query. So the session may be used
        // again only when the request has ended this one.
        const canceled = running.then(
          () => false,
          error => (errorCode(error) === queryCanceled ? outcome : false),
        )
        this.#settled = this.#cancel(canceled)
        reject(queryTimeout())
      }
      signal.addEventListener('abort', stop, { once: true })
      running.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
      if (signal.aborted) stop()
    })
  }

  async #cancel(canceled: Promise<boolean>): Promise<boolean> {
    const { processID, secretKey } = this.#client as unknown as ClientKeys
    const { parts, ssl } = this.#options
    const session = { processId: processID, secretKey }
    const request = { address: this.#address, ssl, host: parts.host, ...session }
    await sendCancelRequest(request, cancelGraceMs)
    return Promise.race([canceled, afterGrace()])
  }
}

/** @throws DatabaseFault, or what `pg` throws. */
async function logIn(connection: Socket, options: SessionOptions): Promise<Client> {
  const { parts, answers } = options
  const passwordPolicy = options.passwordPolicy(isVerified(connection, parts.host))
  const parameters = startupParameters(parts.parameters)
  const config = {
    host: parts.host,
    port: parts.port,
    user: parts.user,
    database: parts.database,
    // It is a function, because an empty text would make pg read PGPASSWORD and the password file.
    password: () => parts.password,
    // The connection is encrypted already where it has to be.
    ssl: false,
    // Of a Duplex, pg uses only what a ServerStream has.
    stream: () => new ServerStream(connection, { answers, passwordPolicy }) as unknown as Duplex,
    types: textTypes,
    keepAlive: true,
    application_name: 'atlas-admission',
  }
  const client = new StartupClient(config, parameters)
  // Without a listener, the end of an idle connection would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    const names = parameters.map(([name]) => name)
    throw refusedParameter(error, names) ?? error
  }
  return client
}

/**
 * Opens a session in the first way that works. As in lib/pq, `prefer` goes on without TLS when TLS
 * fails, and `allow` goes on with TLS however the plain attempt failed.
 */
export async function openSession(
  options: Omit<SessionOptions, 'ssl'>,
  attempts: readonly SslOptions[],
  signal: AbortSignal,
): Promise<Session> {
  const [ssl = false, ...others] = attempts
  try {
    return await Session.open({ ...options, ssl }, signal)
  } catch (error) {
    if (others.length === 0 || signal.aborted || !(ssl === false || isTlsError(error))) throw error
    return openSession(options, others, signal)
  }
}
