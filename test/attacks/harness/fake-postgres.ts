import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls'
import type { Test } from 'tap'
import { issueSelfSigned, type SelfSigned } from '../../../src/webhook/tls/self-signed.js'

/** A server that speaks PostgreSQL's protocol 3 as far as a test wants it to. */
export interface FakePostgres {
  readonly port: number
  /** Of a role `app` with the password `secret`. */
  readonly url: (parameters?: string) => string
  /** Everything that clients sent after TLS was taken off, in the order of its arrival. */
  readonly received: () => string
  /** Bytes that the server has handed to its sockets. */
  readonly sent: () => number
  readonly openConnections: () => number
  readonly cancelRequests: () => number
}

/** What a server does with one connection; a rejection is what a client that is gone leads to. */
export type Act = (wire: Wire) => Promise<void> | void

export interface FakeOptions {
  /** Agrees to TLS when a client asks. */
  readonly tls?: boolean
  /** When the start-up message has been read. */
  readonly session: Act
  /** When a cancel request has been read. Default: says nothing and hangs up, as PostgreSQL does. */
  readonly cancel?: Act
}

/** Codes of the messages that begin a connection (protocol-message-formats). */
const sslRequestCode = 80877103
const cancelRequestCode = 80877102

/** Issued once for the process: it costs some milliseconds each time. */
let certificate: Promise<SelfSigned> | undefined

/** For `localhost` and 127.0.0.1; `ca` is the authority that signed it. */
export function fakeCertificate(): Promise<SelfSigned> {
  certificate ??= issueSelfSigned({ dnsNames: [], ipAddresses: [], days: 1 })
  return certificate
}

export async function startFakePostgres(t: Test, options: FakeOptions): Promise<FakePostgres> {
  const { cert, key } = await fakeCertificate()
  const context = createSecureContext({ cert, key })
  const wires = new Set<Wire>()
  let received = ''
  let sent = 0
  let cancelRequests = 0
  const onData = (data: Buffer) => (received += data.toString('latin1'))
  const server = createServer(socket => {
    const wire = new Wire(socket, { onData, onSent: count => (sent += count) })
    wires.add(wire)
    void wire.closed.then(() => wires.delete(wire))
    const act: Act = async () => {
      const { code } = await wire.begin(options.tls === true ? context : null)
      if (code !== cancelRequestCode) return options.session(wire)
      cancelRequests++
      return (options.cancel ?? hangUp)(wire)
    }
    // Whatever goes wrong here is the client's leaving, which is what most of these servers are for.
    Promise.resolve(act(wire)).catch(() => wire.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const wire of wires) wire.destroy()
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: (parameters = 'sslmode=disable') =>
      `postgres://app:secret@127.0.0.1:${port}/app?${parameters}`,
    received: () => received,
    sent: () => sent,
    openConnections: () => wires.size,
    cancelRequests: () => cancelRequests,
  }
}

const hangUp: Act = wire => wire.end()

interface Meter {
  readonly onData: (data: Buffer) => void
  readonly onSent: (count: number) => void
}

/** The server's end of one connection. */
export class Wire {
  readonly #meter: Meter
  readonly #raw: Socket
  #socket: Socket
  #held = Buffer.alloc(0)
  #wake: () => void = () => undefined
  #isClosed = false
  readonly closed: Promise<void>

  constructor(socket: Socket, meter: Meter) {
    this.#meter = meter
    this.#raw = socket
    this.#socket = socket
    this.closed = new Promise(resolve =>
      socket.on('close', () => {
        this.#isClosed = true
        this.#wake()
        resolve()
      }),
    )
    this.#listen(socket, meter.onData)
  }

  #listen(socket: Socket, onData: (data: Buffer) => void): void {
    socket.on('error', () => undefined)
    socket.on('data', (data: Buffer) => {
      onData(data)
      this.#held = Buffer.concat([this.#held, data])
      this.#wake()
    })
  }

  /** Reads the first message, over TLS if the client asks and there is a context for it. */
  async begin(context: SecureContext | null): Promise<{ readonly code: number }> {
    const first = await this.#first()
    if (first.code !== sslRequestCode) return first
    if (context === null) {
      this.send(Buffer.from('N'))
      return this.#first()
    }
    this.#raw.removeAllListeners('data')
    this.send(Buffer.from('S'))
    const secure = new TLSSocket(this.#raw, { isServer: true, secureContext: context })
    this.#socket = secure
    this.#listen(secure, this.#meter.onData)
    return this.#first()
  }

  async #first(): Promise<{ readonly code: number }> {
    const length = (await this.#take(4)).readInt32BE(0)
    const body = await this.#take(length - 4)
    return { code: body.readInt32BE(0) }
  }

  /** The next message of the client. */
  async message(): Promise<{ readonly type: string; readonly body: Buffer }> {
    const head = await this.#take(5)
    return {
      type: head.toString('latin1', 0, 1),
      body: await this.#take(head.readInt32BE(1) - 4),
    }
  }

  /** Waits for a message of a type, passing over others; rejects when the client is gone. */
  async until(type: string): Promise<Buffer> {
    for (;;) {
      const message = await this.message()
      if (message.type === type) return message.body
    }
  }

  async #take(count: number): Promise<Buffer> {
    while (this.#held.length < count) {
      if (this.#isClosed) throw new Error('the client is gone')
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
    const taken = this.#held.subarray(0, count)
    this.#held = this.#held.subarray(count)
    return taken
  }

  send(...parts: readonly Buffer[]): void {
    this.write(Buffer.concat(parts))
  }

  /** False when the client reads more slowly than this writes. */
  write(data: Buffer): boolean {
    if (this.#isClosed) return false
    this.#meter.onSent(data.length)
    return this.#socket.write(data)
  }

  /** The same again and again until the client hangs up. */
  async sendForever(data: Buffer): Promise<void> {
    while (!this.#isClosed) {
      if (this.write(data)) await new Promise(resolve => setImmediate(resolve))
      else await Promise.race([once(this.#socket, 'drain'), this.closed])
    }
  }

  end(): void {
    this.#socket.end()
  }

  /** As a machine that crashed does: the client sees ECONNRESET. */
  reset(): void {
    this.#raw.resetAndDestroy()
  }

  destroy(): void {
    this.#raw.destroy()
  }
}
