import type { Server } from 'node:https'
import type { ReadinessCheck } from '../readiness/readiness-check.js'
import type { Metrics } from '../metrics/metrics.js'
import { secureContext, type CertificatePair } from './tls.js'

export interface ServedPair {
  readonly pair: CertificatePair
  /** PEM; null: no client certificate is asked for, and there is nothing to replace. */
  readonly clientAuthority: string | null
}

/**
 * Holds the pair that a server serves and the authorities of its clients, and replaces both while
 * the server runs.
 */
export class ServingCertificate {
  readonly #server: Server
  readonly #metrics: Metrics
  #pair: CertificatePair
  #clientAuthority: string | null

  constructor(server: Server, { pair, clientAuthority }: ServedPair, metrics: Metrics) {
    this.#server = server
    this.#metrics = metrics
    this.#pair = pair
    this.#clientAuthority = clientAuthority
    metrics.setCertificateExpiry(pair.expiresAt)
  }

  get pair(): CertificatePair {
    return this.#pair
  }

  get clientAuthority(): string | null {
    return this.#clientAuthority
  }

  /**
   * Serves the new pair to new connections; open ones stay as they are. Throws for a pair that
   * OpenSSL refuses.
   */
  replace(pair: CertificatePair): void {
    this.#server.setSecureContext(secureContext(pair, this.#clientAuthority))
    this.#pair = pair
    this.#metrics.setCertificateExpiry(pair.expiresAt)
  }

  /**
   * Replaces the authorities, for new connections. No TLS session is resumed across the change,
   * because a new context has new ticket keys.
   */
  replaceClientAuthority(pem: string): void {
    this.#server.setSecureContext(secureContext(this.#pair, pem))
    this.#clientAuthority = pem
  }

  /** Not ready once the certificate has expired, because no API server would accept it. */
  buildCheck(now: () => number): ReadinessCheck {
    return {
      name: 'certificate',
      problem: () =>
        this.#pair.expiresAt.getTime() > now()
          ? null
          : `expired at ${this.#pair.expiresAt.toISOString()}`,
    }
  }
}
