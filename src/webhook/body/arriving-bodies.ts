import type { RequestError } from '../errors/request-error.js'
import { overloaded } from '../errors/overloaded.js'

/** Who receives a body. */
export interface BodyReader {
  /** Reads on, or leaves what comes to the socket. */
  readonly setReading: (isReading: boolean) => void
  /** The body is closed; nothing more of it is wanted. */
  readonly giveUp: (error: RequestError) => void
}

/** A body of which bytes have come. */
export interface ArrivingBody {
  /** Counts bytes that came. May stop this body, or another one, for a while. */
  add(bytes: number): void
  /** To be called every TICK_MS until it is complete or given up. */
  tick(): void
  /** No byte is missing. */
  complete(): void
  /** To be called when the bytes have been parsed or thrown away. */
  close(): void
}

export const TICK_MS = 250

/** Where there is no room: who sends nothing for half a second makes room, and who would send waits up to 5 s. */
const maxQuietTicks = 2
const maxWaitTicks = 20

interface Entry {
  readonly address: string
  readonly reader: BodyReader
  bytes: number
  isComplete: boolean
  isReading: boolean
  quietTicks: number
  waitedTicks: number
}

/**
 * Counts what has come of bodies, not what was announced: silence costs nothing. Where it is too much, no body is read
 * on until others are parsed; where none of them is complete, one is, of the address that has sent the least.
 */
export class ArrivingBodies {
  readonly #maxBytes: number
  readonly #maxBytesOfAddress: number
  /** In the order in which they began. */
  readonly #entries = new Set<Entry>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    // What is left is for the others.
    this.#maxBytesOfAddress = (maxBytes * 3) / 4
  }

  open(address: string, reader: BodyReader): ArrivingBody {
    const state = { bytes: 0, isComplete: false, isReading: true, quietTicks: 0, waitedTicks: 0 }
    const entry: Entry = { address, reader, ...state }
    this.#entries.add(entry)
    this.#arrange()
    return {
      add: bytes => {
        entry.bytes += bytes
        entry.quietTicks = 0
        this.#arrange()
      },
      tick: () => this.#tick(entry),
      complete: () => {
        entry.isComplete = true
        this.#arrange()
      },
      close: () => this.#close(entry),
    }
  }

  #close(entry: Entry): void {
    if (this.#entries.delete(entry)) this.#arrange()
  }

  #tick(entry: Entry): void {
    if (entry.isReading) entry.quietTicks++
    else entry.waitedTicks++
    const isInTheWay = entry.quietTicks >= maxQuietTicks && this.#isAnyWaiting()
    if (!isInTheWay && entry.waitedTicks < maxWaitTicks) return
    this.#close(entry)
    entry.reader.giveUp(overloaded('more bodies are arriving than fit into memory'))
  }

  #isAnyWaiting(): boolean {
    return [...this.#entries].some(({ isReading }) => !isReading)
  }

  #arrange(): void {
    const sums = new Map<string, number>()
    let total = 0
    for (const { address, bytes } of this.#entries) {
      total += bytes
      sums.set(address, (sums.get(address) ?? 0) + bytes)
    }
    const sumOf = ({ address }: Entry) => sums.get(address) as number
    const incomplete = [...this.#entries].filter(({ isComplete }) => !isComplete)
    let readers = incomplete.filter(
      entry => total < this.#maxBytes && sumOf(entry) < this.#maxBytesOfAddress,
    )
    if (readers.length === 0 && incomplete.length === this.#entries.size)
      readers = incomplete.toSorted((one, other) => sumOf(one) - sumOf(other)).slice(0, 1)
    const reading = new Set(readers)
    for (const entry of incomplete) {
      const isReading = reading.has(entry)
      if (entry.isReading === isReading) continue
      entry.isReading = isReading
      entry.reader.setReading(isReading)
    }
  }
}
