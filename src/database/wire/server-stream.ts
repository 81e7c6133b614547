import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { AnswerCheck } from './answer-check.js'
import type { AnswerShare } from './answer-share.js'
import { answerTooLarge, DatabaseFault, ProtocolError } from '../fault/database-fault.js'
import { LoginSteps, type PasswordPolicy } from './login-steps.js'
import { ServerMessages } from './server-messages.js'

/** Type of the message Query. */
const query = 0x51

export interface StreamOptions {
  readonly answers: AnswerShare
  readonly passwordPolicy: PasswordPolicy
}

/**
 * Stands in for the socket of `pg`, over a connection that exists already. It gives `pg` only whole
 * messages that were checked and counted. `pg` parses them in an event listener, where an exception
 * would end the process; here it ends the connection.
 */
export class ServerStream extends EventEmitter {
  readonly #socket: Socket
  readonly #answers: AnswerShare
  readonly #check: AnswerCheck
  readonly #messages: ServerMessages
  readonly #receiver = { giveUp: () => this.#fail(answerTooLarge()) }

  constructor(socket: Socket, { answers, passwordPolicy }: StreamOptions) {
    super()
    this.#socket = socket
    this.#answers = answers
    this.#check = new AnswerCheck(answers.bounds, new LoginSteps(passwordPolicy))
    this.#messages = new ServerMessages(this.#check)
    // pg adds its own listener for errors a little later.
    this.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', error => this.emit('error', error))
    socket.on('close', () => this.#close())
  }

  #receive(chunk: Buffer): void {
    try {
      const whole = this.#messages.read(chunk)
      if (this.#check.isAnswering) this.#answers.add(this.#receiver, chunk.length)
      else this.#answers.release(this.#receiver)
      for (const messages of whole) if (!this.#socket.destroyed) this.emit('data', messages)
    } catch (error) {
      this.#fail(isOurs(error) ? error : new ProtocolError({ cause: error }))
    }
  }

  #fail(error: Error): void {
    this.#socket.destroy(error)
  }

  #close(): void {
    this.#answers.release(this.#receiver)
    this.emit('close')
  }

  get writable(): boolean {
    return this.#socket.writable
  }

  /** Nothing is to be connected. pg listens for the event only after this call. */
  connect(): void {
    process.nextTick(() => this.emit('connect'))
  }

  setNoDelay(on: boolean): void {
    this.#socket.setNoDelay(on)
  }

  setKeepAlive(on: boolean, delayMs: number): void {
    this.#socket.setKeepAlive(on, delayMs)
  }

  write(data: Buffer, written?: () => void): boolean {
    if (data[0] === query) this.#check.question()
    return this.#socket.write(data, written)
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

function isOurs(error: unknown): error is Error {
  return error instanceof DatabaseFault || error instanceof ProtocolError
}
