import type { ConfigurationBundles } from './bundle-plan.js'
import type { Authority } from './stored-certificates.js'

/**
 * Remembers since when authorities are trusted everywhere, and since when there are strangers among
 * them, as this process has seen it. Its times are monotonic, so that setting the clock shortens no
 * overlap.
 */
export class TrustMemory {
  readonly #elapsedMs: () => number
  readonly #heldSince = new Map<string, number>()
  readonly #strangerSince = new Map<string, number>()

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  observe(
    configurations: readonly ConfigurationBundles[],
    authorities: readonly Authority[],
  ): void {
    const bundles = configurations.flatMap(configuration => configuration.bundles)
    const ours = new Set(authorities.map(({ fingerprint }) => fingerprint))
    const seen = new Set(bundles.flat().map(({ fingerprint }) => fingerprint))
    const isHeld = (fingerprint: string) =>
      bundles.every(bundle => bundle.some(authority => authority.fingerprint === fingerprint))
    this.#renew(this.#heldSince, [...new Set([...ours, ...seen])].filter(isHeld))
    this.#renew(
      this.#strangerSince,
      [...seen].filter(fingerprint => !ours.has(fingerprint)),
    )
  }

  /**
   * By fingerprint, how long each authority that all configurations hold has been held, in
   * milliseconds.
   */
  heldMs(): ReadonlyMap<string, number> {
    return this.#ages(this.#heldSince)
  }

  /**
   * By fingerprint, how long each authority that is not in the Secret has been in a configuration,
   * in milliseconds.
   */
  strangerMs(): ReadonlyMap<string, number> {
    return this.#ages(this.#strangerSince)
  }

  #renew(since: Map<string, number>, fingerprints: readonly string[]): void {
    for (const known of since.keys()) if (!fingerprints.includes(known)) since.delete(known)
    for (const fingerprint of fingerprints)
      if (!since.has(fingerprint)) since.set(fingerprint, this.#elapsedMs())
  }

  #ages(since: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    const now = this.#elapsedMs()
    return new Map([...since].map(([fingerprint, start]) => [fingerprint, now - start]))
  }
}
