/**
 * Collects what was started and has to end, and releases it in reverse order, whatever goes wrong
 * on the way.
 */
export class Resources {
  readonly #releases: (() => Promise<void>)[] = []

  /** Adds a resource and returns it, for use in an expression. */
  add<T>(resource: T, release: (resource: T) => Promise<void>): T {
    this.#releases.push(() => release(resource))
    return resource
  }

  /**
   * Releases everything. A failure does not keep the rest from being released, and is thrown at the
   * end.
   */
  async releaseAll(): Promise<void> {
    let failure: { readonly error: unknown } | null = null
    for (const release of this.#releases.splice(0).toReversed()) {
      try {
        await release()
      } catch (error) {
        failure ??= { error }
      }
    }
    if (failure) throw failure.error
  }
}
