import type { Registry } from 'prom-client'
import { addGauge } from './asked-gauge.js'

/** A certificate that this process keeps renewed, at one moment. */
export interface RotationObservation {
  /** null before there is an authority. */
  readonly authorityExpiresAt: Date | null
  readonly trusted: boolean
}

/** Registers the metrics of the renewed certificate; `ask` is called at each scrape. */
export function registerRotationMetrics(registry: Registry, ask: () => RotationObservation): void {
  addGauge(registry, {
    name: 'atlas_admission_certificate_authority_expiry_timestamp_seconds',
    help: 'When the authority that signs expires, in seconds since the epoch; 0 before there is one',
    ask: () => (ask().authorityExpiresAt?.getTime() ?? 0) / 1000,
  })
  addGauge(registry, {
    name: 'atlas_admission_certificate_trusted',
    help: '1 while the webhook configurations trust the certificate, else 0',
    ask: () => Number(ask().trusted),
  })
}
