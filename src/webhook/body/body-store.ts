/** TLS hands over one record at a time, of 16 KiB at most. */
const BLOCK_BYTES = 16 * 1024

/**
 * Blocks that hold what has come of bodies, used again and again. Kept as they come, the buffers of TLS would grow old,
 * and V8 lets some hundred megabytes of such buffers gather before it looks for those that nobody needs: copied, they
 * are garbage at once, and the next small collection frees them.
 */
export class BlockPool {
  readonly #free: Buffer[] = []
  readonly #maxFree: number

  /** @param maxBytes of blocks that are kept while nobody needs them */
  constructor(maxBytes: number) {
    this.#maxFree = maxBytes / BLOCK_BYTES
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
  }

  give(blocks: readonly Buffer[]): void {
    for (const block of blocks) if (this.#free.length < this.#maxFree) this.#free.push(block)
  }
}

/** What has come of one body. */
export class StoredBody {
  readonly #pool: BlockPool
  #blocks: Buffer[] = []
  #length = 0

  constructor(pool: BlockPool) {
    this.#pool = pool
  }

  get length(): number {
    return this.#length
  }

  append(chunk: Buffer): void {
    for (let from = 0; from < chunk.length;) {
      const used = this.#length % BLOCK_BYTES
      if (used === 0) this.#blocks.push(this.#pool.take())
      const copied = chunk.copy(this.#blocks.at(-1) as Buffer, used, from)
      from += copied
      this.#length += copied
    }
  }

  /** @returns the part of `target` that now holds the body */
  copyTo(target: Buffer): Buffer {
    for (const [index, block] of this.#blocks.entries()) block.copy(target, index * BLOCK_BYTES)
    return target.subarray(0, this.#length)
  }

  /** Gives the blocks back: nothing is left. */
  free(): void {
    this.#pool.give(this.#blocks)
    this.#blocks = []
    this.#length = 0
  }
}
