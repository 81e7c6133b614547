import type { Logger } from 'pino'
import { CertificateRotation } from '../certificates/certificate-rotation.js'
import type { CertificateStore } from '../certificates/certificate-store.js'
import type { CertificateTiming } from '../certificates/lifetimes.js'
import type { ReadinessCheck } from '../webhook/readiness/readiness-check.js'
import type { Gate } from '../webhook/gate.js'
import type { Metrics } from '../webhook/metrics/metrics.js'

/** A certificate that this process makes and renews, and the place where it is kept. */
export interface CertificateSource {
  readonly store: CertificateStore
  readonly dnsNames: readonly string[]
  readonly timing?: Partial<CertificateTiming>
}

export interface RotatingCertificate {
  /** Not ready as long as API servers would not trust the served certificate. */
  readonly check: ReadinessCheck
  /** Starts to give the gate its certificates. */
  start(gate: Gate): void
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>
}

/**
 * Builds the rotation, which shows in log, metrics and readiness what happens to the certificate.
 */
export function buildRotatingCertificate(
  source: CertificateSource,
  { log, metrics }: { readonly log: Logger; readonly metrics: Metrics },
): RotatingCertificate {
  // A list, because the two need each other: building the gate takes the check, and replacing a
  // certificate takes the gate.
  const gates: Gate[] = []
  const rotation = new CertificateRotation({
    ...source,
    listener: {
      serve(leaf) {
        for (const gate of gates) gate.replaceCertificate(leaf.cert, leaf.key)
        log.info({ expiresAt: leaf.expiresAt }, 'another serving certificate')
      },
      issued(why) {
        metrics.countCertificateIssue()
        log.info({ why }, 'the Secret of the certificate was written')
      },
      published(configuration) {
        metrics.countBundleWrite()
        log.info({ configuration }, 'the caBundle of a webhook configuration was written')
      },
      failed: reason => log.error({ reason }, 'the certificate is not as it should be'),
    },
  })
  metrics.watchRotation(() => ({
    authorityExpiresAt: rotation.authorityExpiresAt(),
    trusted: rotation.problem() === null,
  }))
  return {
    check: { name: 'certificate', problem: () => rotation.problem() },
    start(gate) {
      gates.push(gate)
      rotation.start()
    },
    stop: () => rotation.stop(),
  }
}
