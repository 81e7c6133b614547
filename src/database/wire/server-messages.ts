import type { AnswerCheck } from './answer-check.js'
import { ProtocolError } from '../fault/database-fault.js'
import { int32 } from './message-shape.js'

/** Bytes of the type and the length, with which every message of a server begins. */
const headerLength = 5

/**
 * Cuts what a server sends into messages, and has each of them checked. Only whole messages are
 * passed on, so that no incomplete one is kept elsewhere.
 */
export class ServerMessages {
  readonly #check: AnswerCheck
  /**
   * The beginning of an incomplete message. It grows as data arrive, never to what a header only
   * claims.
   */
  #part = Buffer.alloc(0)
  #partLength = 0

  constructor(check: AnswerCheck) {
    this.#check = check
  }

  /**
   * The messages that are complete with this chunk.
   * @throws ProtocolError or DatabaseFault; then nothing of the chunk may be used.
   */
  read(chunk: Buffer): readonly Buffer[] {
    const whole: Buffer[] = []
    const from = this.#completePart(chunk, whole)
    const end = this.#checkWhole(chunk, from)
    if (end > from) whole.push(chunk.subarray(from, end))
    if (end < chunk.length) this.#append(chunk, end, chunk.length)
    return whole
  }

  /** Completes the incomplete message. Returns how much of the chunk that took. */
  #completePart(chunk: Buffer, whole: Buffer[]): number {
    let at = 0
    while (this.#partLength > 0 && at < chunk.length) {
      const until = Math.min(chunk.length, at + this.#missing())
      this.#append(chunk, at, until)
      at = until
      if (this.#partLength === headerLength) this.#announce(this.#part, 0)
      if (this.#missing() > 0) continue
      const message = this.#part.subarray(0, this.#partLength)
      this.#checkWhole(message, 0)
      whole.push(message)
      this.#part = Buffer.alloc(0)
      this.#partLength = 0
    }
    return at
  }

  #missing(): number {
    const length = this.#partLength < headerLength ? headerLength : 1 + int32(this.#part, 1)
    return length - this.#partLength
  }

  #append(chunk: Buffer, from: number, to: number): void {
    const length = this.#partLength + to - from
    if (length > this.#part.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#part.length * 2))
      this.#part.copy(larger, 0, 0, this.#partLength)
      this.#part = larger
    }
    chunk.copy(this.#part, this.#partLength, from, to)
    this.#partLength = length
  }

  /** Checks the messages from `start` on. Returns where the last whole one ends. */
  #checkWhole(bytes: Buffer, start: number): number {
    let at = start
    while (at + headerLength <= bytes.length) {
      const end = at + 1 + this.#announce(bytes, at)
      if (end > bytes.length) break
      this.#check.take(bytes[at]!, { bytes, start: at + headerLength, end })
      at = end
    }
    return at
  }

  /** The length of a message as its header says, which counts itself but not the type. */
  #announce(bytes: Buffer, at: number): number {
    const length = int32(bytes, at + 1)
    if (length < 4) throw new ProtocolError()
    this.#check.announced(bytes[at]!, length - 4)
    return length
  }
}
