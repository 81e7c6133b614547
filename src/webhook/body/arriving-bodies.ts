import type { RequestError } from '../errors/request-error.js'
import { overloaded } from '../errors/overloaded.js'

/** A body of which some bytes have come. */
export interface ArrivingBody {
  /** Counts bytes that came. To make room, it may give up this body or another one. */
  add(bytes: number): void
  /** To be called when all bytes have come. The body is then not given up any more. */
  complete(): void
  /** To be called when the bytes have been parsed or thrown away. */
  close(): void
}

interface Entry {
  readonly address: string
  readonly giveUp: (error: RequestError) => void
  bytes: number
  isComplete: boolean
}

/**
 * Counts the bytes of bodies that have come, and not those that were announced, so that a silent
 * client costs nothing. When there are too many bytes, the oldest body of the address that has sent
 * the most is given up: clients that send slowly, or much, make room for the others.
 */
export class ArrivingBodies {
  readonly #maxBytes: number
  /** In the order in which they began. */
  readonly #entries = new Set<Entry>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  open(address: string, giveUp: (error: RequestError) => void): ArrivingBody {
    const entry: Entry = { address, giveUp, bytes: 0, isComplete: false }
    this.#entries.add(entry)
    return {
      add: bytes => {
        entry.bytes += bytes
        this.#bytes += bytes
        while (this.#bytes > this.#maxBytes) {
          const victim = this.#victim()
          if (!victim) return
          this.#close(victim)
          victim.giveUp(overloaded('more bodies are arriving than fit into memory'))
        }
      },
      complete: () => (entry.isComplete = true),
      close: () => this.#close(entry),
    }
  }

  #close(entry: Entry): void {
    if (this.#entries.delete(entry)) this.#bytes -= entry.bytes
  }

  /**
   * The body to give up. undefined when all are complete, or when there is only one, which is
   * always accepted.
   */
  #victim(): Entry | undefined {
    if (this.#entries.size === 1) return undefined
    const sums = new Map<string, number>()
    for (const { address, bytes } of this.#entries)
      sums.set(address, (sums.get(address) ?? 0) + bytes)
    let victim: Entry | undefined
    for (const entry of this.#entries) {
      if (entry.isComplete) continue
      const sum = sums.get(entry.address) as number
      if (!victim || sum > (sums.get(victim.address) as number)) victim = entry
    }
    return victim
  }
}
