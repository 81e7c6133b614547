import { type CertificateTiming, isDue, isExpired } from './lifetimes.js'
import { type BundleState, planBundles, type PublishAction } from './bundle-plan.js'
import type { Authority, Leaf, Signer, StoredCertificates } from './stored-certificates.js'

/** Everything that a decision rests on, as it was just read. */
export interface CertificateState extends BundleState {
  /**
   * The certificates in the Secret: none if it does not exist or holds garbage. For a Secret of
   * another installation nothing is planned.
   */
  readonly stored: StoredCertificates
  /** What this process serves; null while it serves a temporary certificate that nobody trusts. */
  readonly serving: ServedLeaf | null
  /** The names that a serving certificate (leaf) must have. */
  readonly dnsNames: readonly string[]
  /**
   * How long all webhook configurations have been seen to hold an authority, in milliseconds, by
   * fingerprint. One that some configuration lacks now is absent.
   */
  readonly heldMs: ReadonlyMap<string, number>
}

export type ServedLeaf = Pick<Leaf, 'fingerprint' | 'signedBy' | 'expiresAt'>

export type CertificateAction =
  | IssueAction
  | PublishAction
  /** Serve the Secret's certificate from now on. */
  | { readonly kind: 'serve'; readonly leaf: Leaf }

/** Write the Secret. */
export interface IssueAction {
  readonly kind: 'issue'
  /** What signs the new certificate: the Secret's authority, or one that is made first. */
  readonly signer: Signer | 'new'
  /** The certificate to keep; null: a new one is signed. */
  readonly leaf: Leaf | null
  /** The authorities to keep, the Secret's own among them. */
  readonly keep: readonly Authority[]
  /** The reason, for the log. */
  readonly why: string
}

export interface PlanClock {
  readonly now: Date
  readonly timing: CertificateTiming
}

/**
 * Decides what to do next. Pure, and all replicas that see the same decide the same: the first one
 * writes, and the others find nothing left to do. If the Secret is to be written, nothing else is
 * planned, because the rest depends on what is read afterwards.
 */
export function planCertificates(
  state: CertificateState,
  clock: PlanClock,
): readonly CertificateAction[] {
  const issue = planIssue(state, clock)
  if (issue) return [issue]
  const { authorities } = state.stored
  // Without a leaf, one would have been issued above.
  const leaf = state.stored.leaf as Leaf
  return [
    ...(shouldServe(state, leaf, clock) ? [{ kind: 'serve' as const, leaf }] : []),
    ...planBundles(state, authorities, clock),
  ]
}

/**
 * Most authorities that are kept. More are of no use: the newest one signs, and an older one has
 * signed the present leaf.
 */
const maxAuthorities = 4

function planIssue(state: CertificateState, clock: PlanClock): IssueAction | null {
  const { authorities, signer, leaf: storedLeaf } = state.stored
  const usable = authorities.filter(({ expiresAt }) => !isExpired(expiresAt, clock.now))
  const isUsable = (fingerprint: string) =>
    usable.some(authority => authority.fingerprint === fingerprint)
  const leaf =
    storedLeaf && isUsable(storedLeaf.signedBy) && !isExpired(storedLeaf.expiresAt, clock.now)
      ? storedLeaf
      : null
  const keep = mostNeeded(usable, [signer?.fingerprint, leaf?.signedBy])
  if (!signer || !isUsable(signer.fingerprint))
    return { kind: 'issue', signer: 'new', leaf, keep, why: 'there is no authority to sign with' }
  // An authority that is to be replaced signs it all the same, because it is trusted already.
  if (!leaf) return { kind: 'issue', signer, leaf, keep, why: 'there is none to serve' }
  if (isDue(signer.expiresAt, { lifeMs: clock.timing.authorityMs, now: clock.now }))
    return { kind: 'issue', signer: 'new', leaf, keep, why: 'the authority expires soon' }
  const why = whyNewLeaf(state, leaf, { ...clock, signer })
  if (why !== null) return { kind: 'issue', signer, leaf: null, keep, why }
  if (usable.length === authorities.length) return null
  return { kind: 'issue', signer, leaf, keep, why: 'an authority has expired' }
}

/** The needed authorities first, and no more than are of use. */
function mostNeeded(
  authorities: readonly Authority[],
  needed: readonly (string | undefined)[],
): readonly Authority[] {
  const isNeeded = ({ fingerprint }: Authority) => needed.includes(fingerprint)
  const others = authorities.filter(authority => !isNeeded(authority))
  return [...authorities.filter(isNeeded), ...others].slice(0, maxAuthorities)
}

/** Why a leaf that can be served is replaced, or null. */
function whyNewLeaf(
  state: CertificateState,
  leaf: Leaf,
  { now, timing, signer }: PlanClock & { readonly signer: Signer },
): string | null {
  if (leaf.signedBy !== signer.fingerprint) {
    // An authority signs only after it has been trusted everywhere for the overlap.
    const held = state.heldMs.get(signer.fingerprint) ?? -1
    return held >= timing.overlapMs ? 'the new authority is trusted everywhere' : null
  }
  if (state.dnsNames.some(name => !leaf.dnsNames.includes(name))) return 'a name is missing'
  return isDue(leaf.expiresAt, { lifeMs: timing.leafMs, now }) ? 'it expires soon' : null
}

/**
 * Whether to change to another leaf. A leaf that is trusted and not expired stays until every API
 * server trusts the next one. One that is worthless is replaced by any other.
 */
function shouldServe(
  { serving, heldMs }: CertificateState,
  leaf: Leaf,
  { now, timing }: PlanClock,
): boolean {
  if (serving === null) return true
  if (serving.fingerprint === leaf.fingerprint) return false
  const isWorthKeeping = heldMs.has(serving.signedBy) && !isExpired(serving.expiresAt, now)
  if (!isWorthKeeping || serving.signedBy === leaf.signedBy) return true
  return (heldMs.get(leaf.signedBy) ?? -1) >= timing.overlapMs
}
