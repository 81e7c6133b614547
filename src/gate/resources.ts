/** What was started and has to end, in reverse order, whatever goes wrong between. */
export class Resources {
  readonly #releases: (() => Promise<void>)[] = []

  /** Returns what it is given, for use in an expression. */
  add<T>(resource: T, release: (resource: T) => Promise<void>): T {
    this.#releases.push(() => release(resource))
    return resource
  }

  /** Releases everything; a failure does not keep the rest from ending, and is thrown at the end. */
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
