import type {
  CertificateSnapshot,
  CertificateStore,
  FoundConfiguration,
  WritableSecret,
} from './certificate-store.js'
import { issueTexts } from './issue-texts.js'
import type { CertificateTiming } from './lifetimes.js'
import {
  type CertificateAction,
  type IssueAction,
  planCertificates,
  type ServedLeaf,
} from './certificate-plan.js'
import {
  type Leaf,
  parseAuthorities,
  parseStoredCertificates,
  type StoredCertificates,
} from './stored-certificates.js'
import { TrustMemory } from './trust-memory.js'

export interface KeptCertificateOptions {
  readonly store: CertificateStore
  /** The names that the certificate must have. */
  readonly dnsNames: readonly string[]
  readonly listener: CertificateListener
  readonly timing: CertificateTiming
}

export interface CertificateListener {
  /** Serves the leaf from now on. Throws for one that TLS refuses. */
  serve(leaf: Leaf): void
  /** Told that this process has written the Secret. */
  issued(why: string): void
  /** Told that this process has corrected the caBundle of a webhook configuration. */
  published(configuration: string): void
}

/** `second`: another process wrote at the same time, and the write of this one did not count. */
export type StepOutcome = 'settled' | 'changed' | 'second'

/** Keeps the served certificate. One step plans on what was read, and acts. */
export class KeptCertificate {
  readonly #options: KeptCertificateOptions
  readonly #memory = new TrustMemory(() => performance.now())
  #serving: ServedLeaf | null = null
  #authorityExpiresAt: Date | null = null

  constructor(options: KeptCertificateOptions) {
    this.#options = options
  }

  /** null until the Secret's certificate is served. */
  get serving(): ServedLeaf | null {
    return this.#serving
  }

  /** When the signing authority expires; null before there is one. */
  get authorityExpiresAt(): Date | null {
    return this.#authorityExpiresAt
  }

  /**
   * Takes one step. After any outcome but `settled`, the snapshot is out of date. Rejects as the
   * store does.
   */
  async step(snapshot: CertificateSnapshot, signal: AbortSignal): Promise<StepOutcome> {
    const { secret } = snapshot
    if (secret.kind === 'foreign') return 'settled'
    const actions = this.#plan(snapshot, parseSecret(secret))
    if (actions.length === 0) return 'settled'
    let outcome: StepOutcome = 'changed'
    for (const action of actions) {
      const counts = await this.#act(action, { snapshot, secret, signal })
      if (!counts) outcome = 'second'
    }
    return outcome
  }

  #plan(snapshot: CertificateSnapshot, stored: StoredCertificates): readonly CertificateAction[] {
    const { dnsNames, timing } = this.#options
    const configurations = snapshot.configurations.filter(isFound).map(({ name, bundles }) => ({
      name,
      bundles: bundles.map(parseAuthorities),
    }))
    this.#authorityExpiresAt = stored.signer?.expiresAt ?? null
    // A configuration that cannot be read now may still hold what it held before.
    if (!snapshot.configurations.some(({ kind }) => kind === 'unreadable'))
      this.#memory.observe(configurations, stored.authorities)
    return planCertificates(
      {
        stored,
        configurations,
        serving: this.#serving,
        dnsNames,
        heldMs: this.#memory.heldMs(),
        strangerMs: this.#memory.strangerMs(),
      },
      { now: snapshot.now, timing },
    )
  }

  /** @returns false when another process was first. */
  async #act(action: CertificateAction, context: ActContext): Promise<boolean> {
    if (action.kind === 'issue') return this.#issue(action, context)
    if (action.kind === 'publish') return this.#publish(action, context)
    this.#serve(action.leaf)
    return true
  }

  #serve(leaf: Leaf): void {
    this.#options.listener.serve(leaf)
    this.#serving = leaf
  }

  async #issue(action: IssueAction, { snapshot, secret, signal }: ActContext): Promise<boolean> {
    const { store, listener, dnsNames, timing } = this.#options
    const texts = await issueTexts(action, { dnsNames, timing, now: snapshot.now })
    const counts = await store.writeSecret(secret, texts, signal)
    if (counts) listener.issued(action.why)
    return counts
  }

  async #publish(
    { configuration, authorities }: Extract<CertificateAction, { kind: 'publish' }>,
    { snapshot, signal }: ActContext,
  ): Promise<boolean> {
    const { store, listener } = this.#options
    const found = snapshot.configurations.find(({ name }) => name === configuration)
    const bundle = authorities.map(({ pem }) => pem).join('')
    const counts = await store.writeBundle(found as FoundConfiguration, bundle, signal)
    if (counts) listener.published(configuration)
    return counts
  }
}

interface ActContext {
  readonly snapshot: CertificateSnapshot
  readonly secret: WritableSecret
  readonly signal: AbortSignal
}

function parseSecret(secret: WritableSecret): StoredCertificates {
  return secret.kind === 'ours'
    ? parseStoredCertificates(secret.texts)
    : { authorities: [], signer: null, leaf: null }
}

function isFound(
  configuration: CertificateSnapshot['configurations'][number],
): configuration is FoundConfiguration {
  return configuration.kind === 'found'
}
