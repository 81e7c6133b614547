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

/** What a server may say: `login` until it is ready, `answer` from a query until it is ready again. */
type Phase = 'login' | 'idle' | 'answer'

const types = (letters: string): ReadonlySet<number> => new Set(Buffer.from(letters, 'latin1'))

/** Types of message (protocol-message-formats). COPY, and whatever a simple query does not lead to, is in none. */
const allowed: Readonly<Record<Phase, ReadonlySet<number>>> = {
  login: types('RSKNEZ'),
  idle: types('SNEA'),
  answer: types('TDCISNEAZ'),
}

const dataRow = 0x44
const readyForQuery = 0x5a
const authentication = 0x52

/** Those that carry a text of the server's own making. */
const texts = types('ENSAT')

/**
 * Follows what one server says and counts it. Throws at the first message that does not belong there, is malformed,
 * or is too much, before anybody else sees a byte of it.
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

  /** Whether the server still owes the rest of an answer. */
  get isAnswering(): boolean {
    return this.#phase === 'answer'
  }

  /** A query was sent. */
  question(): void {
    this.#phase = 'answer'
    this.#columns = 0
    this.#rows = 0
    this.#rowBytes = 0
    this.#asides = 0
    this.#asideBytes = 0
  }

  /**
   * Before anything of a message is kept. `length`: of its body.
   * @throws ProtocolError or DatabaseFault when a message of this type or length cannot be.
   */
  announced(type: number, length: number): void {
    if (!allowed[this.#phase].has(type) || length < 0) throw new ProtocolError()
    if (type === dataRow) {
      if (this.#rowBytes + length > this.#bounds.answerBytes) throw this.#tooLarge()
    } else if (length > maxLength(type)) throw this.#tooLarge()
  }

  /** @throws ProtocolError or DatabaseFault. */
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

  /** Before the login nobody is told what kind of server there is. */
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
