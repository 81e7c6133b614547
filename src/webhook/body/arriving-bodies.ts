import type { RequestError } from '../errors/request-error.js'
import { overloaded } from '../errors/overloaded.js'

/** A body of which bytes have come. */
export interface ArrivingBody {
  /** Counts bytes that came. May give up this body or another one to make room. */
  add(bytes: number): void
  /** No byte is missing: it is not given up any more. */
  complete(): void
  /** Its bytes are parsed or thrown away. */
  close(): void
}

interface Entry {
  readonly address: string
  readonly giveUp: (error: RequestError) => void
  bytes: number
  isComplete: boolean
}

/**
 * Counts what has come of bodies, not what was announced: silence costs nothing. Where it is too much, the oldest body
 * of the address that has sent the most is given up: who sends slowly, or much, makes room for the others.
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

  /** undefined: all are complete, or only one is there, which is always taken. */
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
