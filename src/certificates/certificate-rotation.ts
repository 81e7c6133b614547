import { setTimeout as sleep } from 'node:timers/promises'
import { CodedError } from '../review/ports/coded-error.js'
import type { CertificateSnapshot, CertificateStore } from './certificate-store.js'
import { type CertificateListener, KeptCertificate } from './kept-certificate.js'
import { type CertificateTiming, defaultTiming } from './lifetimes.js'
import { storeProblem, trustProblem } from './trust.js'

export interface RotationOptions {
  readonly store: CertificateStore
  /** The names that the certificate must have. */
  readonly dnsNames: readonly string[]
  readonly listener: RotationListener
  readonly timing?: Partial<CertificateTiming>
}

export interface RotationListener extends CertificateListener {
  /**
   * Told why the certificate could not be kept in order, when the reason changes. It is tried again
   * at the next look.
   */
  failed(reason: string): void
}

/**
 * Most steps of one look: issue, serve, publish, and some more after another replica was faster.
 * Then other replicas get their turn.
 */
const maxSteps = 8

/** Longest pause after another replica has written first; enough for it to finish. */
const conflictDelayMs = 200

/**
 * Keeps the certificate of a Service: in one Secret that all replicas share, renewed before it
 * expires, and trusted by the webhook configurations. No replica has to lead: writes are
 * conditional, and the one that comes second takes over what the first has written.
 */
export class CertificateRotation {
  readonly #options: RotationOptions
  readonly #timing: CertificateTiming
  readonly #kept: KeptCertificate
  readonly #ended = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #failure: string | null = null
  #distrust: string | null = 'the Secret and the webhook configurations have not been read yet'
  #wasTrusted = false

  constructor(options: RotationOptions) {
    this.#options = options
    this.#timing = { ...defaultTiming, ...options.timing }
    this.#kept = new KeptCertificate({ ...options, timing: this.#timing })
  }

  /** Looks at once, and then again and again until stopped. */
  start(): void {
    this.#running = this.#run()
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#running
  }

  /**
   * Why API servers cannot call this process, or null. While the API server cannot be asked, what
   * it trusted at the last look counts.
   */
  problem(): string | null {
    return this.#distrust === null ? null : (this.#failure ?? this.#distrust)
  }

  /** When the signing authority expires; null before there is one. */
  authorityExpiresAt(): Date | null {
    return this.#kept.authorityExpiresAt
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended
    while (!signal.aborted) {
      await this.#look(signal)
      // The random part separates replicas that started together.
      const delay = this.#timing.intervalMs * (0.75 + Math.random() / 4)
      await sleep(delay, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  async #look(ended: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([ended, AbortSignal.timeout(this.#timing.lookMs)])
    try {
      this.#report(await this.#settle(signal))
    } catch (error) {
      if (!ended.aborted) this.#report(reasonOf(error))
    }
  }

  #report(failure: string | null): void {
    if (failure !== null && failure !== this.#failure) this.#options.listener.failed(failure)
    this.#failure = failure
  }

  /**
   * Takes steps until nothing is left to do.
   * @returns what is not in order, or null.
   */
  async #settle(signal: AbortSignal): Promise<string | null> {
    for (let step = 0; step < maxSteps; step += 1) {
      const snapshot = await this.#options.store.read(signal)
      this.#judge(snapshot)
      const outcome = await this.#kept.step(snapshot, signal)
      if (outcome === 'settled') return storeProblem(snapshot)
      if (outcome === 'second') await sleep(Math.random() * conflictDelayMs, undefined, { signal })
    }
    return 'others were first to write the Secret or a webhook configuration, again and again'
  }

  #judge(snapshot: CertificateSnapshot): void {
    const { serving } = this.#kept
    this.#distrust = trustProblem(snapshot, { serving, wasTrusted: this.#wasTrusted })
    this.#wasTrusted ||= this.#distrust === null
  }
}

/**
 * The reason in words. The message of a deliberate error holds no secret; of any other error only
 * its kind is named.
 */
function reasonOf(error: unknown): string {
  if (error instanceof CodedError) return error.message
  return `it failed for an unknown reason (${error instanceof Error ? error.name : typeof error})`
}
