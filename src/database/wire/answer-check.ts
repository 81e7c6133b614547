import {
  maxAsideBytes,
  maxAsides,
  maxLoginBytes,
  maxTextBytes,
  type AnswerBounds,
} from './answer-bounds.js'
import { answerTooLarge, ProtocolError } from '../fault/database-fault.js'
import type { LoginSteps } from './login-steps.js'
import { columnCount, isDataRow, isNotice, isTexts, type MessageBody } from './message-shape.js'

/**
 * What a server may send: `login` lasts until it is ready, `answer` from a query until it is ready
 * again.
 */
type Phase = 'login' | 'idle' | 'answer'

const types = (letters: string): ReadonlySet<number> => new Set(Buffer.from(letters, 'latin1'))

/**
 * Types of message by phase (PostgreSQL's protocol-message-formats). COPY, and whatever a simple
 * query does not lead to, is in none.
 */
const allowed: Readonly<Record<Phase, ReadonlySet<number>>> = {
  login: types('RSKNEZ'),
  idle: types('SNEA'),
  answer: types('TDCISNEAZ'),
}

const dataRow = 0x44
const readyForQuery = 0x5a
const authentication = 0x52

/** Types whose messages hold a text that the server makes up. */
const texts = types('ENSAT')

/**
 * Follows and counts what one server sends. It throws at the first message that is out of place,
 * malformed or too large, before any other code sees a byte of it.
 */
export class AnswerCheck {
  readonly #bounds: AnswerBounds
  readonly #login: LoginSteps
  #phase: Phase = 'login'
  #columns = 0
  #rows = 0
  #rowBytes = 0
  #asides = 0
  #asideBytes = 0

  constructor(bounds: AnswerBounds, login: LoginSteps) {
    this.#bounds = bounds
    this.#login = login
  }

  /** Whether the rest of an answer is still to come. */
  get isAnswering(): boolean {
    return this.#phase === 'answer'
  }

  /** To be called when a query was sent. */
  question(): void {
    this.#phase = 'answer'
    this.#columns = 0
    this.#rows = 0
    this.#rowBytes = 0
    this.#asides = 0
    this.#asideBytes = 0
  }

  /**
   * To be called before anything of a message is kept. `length` is that of its body.
   * @throws ProtocolError or DatabaseFault when there can be no message of this type or length.
   */
  announced(type: number, length: number): void {
    if (!allowed[this.#phase].has(type) || length < 0) throw new ProtocolError()
    if (type === dataRow) {
      if (this.#rowBytes + length > this.#bounds.answerBytes) throw this.#tooLarge()
    } else if (length > maxLength(type)) throw this.#tooLarge()
  }

  /**
   * Checks a whole message.
   * @throws ProtocolError or DatabaseFault.
   */
  take(type: number, body: MessageBody): void {
    if (type === dataRow) return this.#takeRow(body)
    this.#asides++
    this.#asideBytes += body.end - body.start
    if (this.#asides > maxAsides || this.#asideBytes > maxAsideBytes) throw this.#tooLarge()
    if (type === authentication) this.#login.take(body)
    else if (!this.#isWellFormed(type, body)) throw new ProtocolError()
    if (type === readyForQuery) this.#phase = 'idle'
  }

  #takeRow(body: MessageBody): void {
    this.#rowBytes += body.end - body.start
    this.#rows++
    if (this.#rows > this.#bounds.rows) throw this.#tooLarge()
    if (!isDataRow(body, this.#columns)) throw new ProtocolError()
  }

  /** The error for too much data. Before the login it does not tell what kind of server it is. */
  #tooLarge(): Error {
    return this.#phase === 'login' ? new ProtocolError() : answerTooLarge()
  }

  #isWellFormed(type: number, body: MessageBody): boolean {
    const length = body.end - body.start
    switch (String.fromCharCode(type)) {
      case 'T':
        this.#columns = columnCount(body) ?? -1
        return this.#columns !== -1
      case 'E':
      case 'N':
        return isNotice(body)
      case 'S':
        return isTexts(body, 2)
      case 'C':
        return isTexts(body, 1)
      case 'A':
        return length > 4 && isTexts({ ...body, start: body.start + 4 }, 2)
      case 'K':
        return length === 8
      case 'Z':
        return length === 1
      default:
        return length === 0
    }
  }
}

function maxLength(type: number): number {
  return texts.has(type) ? maxTextBytes : maxLoginBytes
}
