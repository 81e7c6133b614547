import type { Server } from 'node:https'
import type { Check } from './check.js'
import type { Metrics } from './metrics.js'
import { secureContext, type CertificatePair } from './tls.js'

/** The pair that a server serves now, and its replacement while the server runs. */
export class ServingCertificate {
  readonly #server: Server
  readonly #metrics: Metrics
  #pair: CertificatePair

  constructor(server: Server, pair: CertificatePair, metrics: Metrics) {
    this.#server = server
    this.#metrics = metrics
    this.#pair = pair
    metrics.setCertificateExpiry(pair.expiresAt)
  }

  get pair(): CertificatePair {
    return this.#pair
  }

  /** New connections get the new pair; those that are kept alive stay as they are. Throws for a pair that OpenSSL refuses. */
  replace(pair: CertificatePair): void {
    this.#server.setSecureContext(secureContext(pair))
    this.#pair = pair
    this.#metrics.setCertificateExpiry(pair.expiresAt)
  }

  /** Not ready once the certificate has expired: no API server would take it. */
  buildCheck(now: () => number): Check {
    return {
      name: 'certificate',
      problem: () =>
        this.#pair.expiresAt.getTime() > now()
          ? null
          : `expired at ${this.#pair.expiresAt.toISOString()}`,
    }
  }
}
