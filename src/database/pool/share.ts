/**
 * A number of places, of which a holder may take one more while it holds fewer than are free. A
 * single holder thus gets half of them, the next one a quarter, and a holder without any finds one
 * as long as any is left. No limit per holder has to be chosen, and few places stay unused.
 */
export class Share {
  readonly #held = new Map<string, number>()
  #free: number

  constructor(places: number) {
    this.#free = places
  }

  get isUnused(): boolean {
    return this.#held.size === 0
  }

  admits(holder: string): boolean {
    return this.heldBy(holder) < this.#free
  }

  heldBy(holder: string): number {
    return this.#held.get(holder) ?? 0
  }

  take(holder: string): void {
    this.#free -= 1
    this.#held.set(holder, this.heldBy(holder) + 1)
  }

  giveBack(holder: string): void {
    this.#free += 1
    const held = this.#held.get(holder)! - 1
    if (held === 0) this.#held.delete(holder)
    else this.#held.set(holder, held)
  }
}
