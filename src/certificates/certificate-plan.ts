import { type CertificateTiming, isDue, isExpired } from './lifetimes.js'
import { type BundleState, planBundles, type PublishAction } from './bundle-plan.js'
import type { Authority, Leaf, Signer, StoredCertificates } from './stored-certificates.js'

/** Everything that a decision rests on, as it was just read. */
export interface CertificateState extends BundleState {
  /** Of a Secret that is missing, or holds garbage: nothing. Of one that is not ours no plan is asked for. */
  readonly stored: StoredCertificates
  /** What this process serves; null while it is a stopgap that nobody trusts. */
  readonly serving: ServedLeaf | null
  /** What a leaf must vouch for. */
  readonly dnsNames: readonly string[]
  /** For how long all webhook configurations have been seen to hold an authority, in ms, by fingerprint; absent: not now. */
  readonly heldMs: ReadonlyMap<string, number>
}

export type ServedLeaf = Pick<Leaf, 'fingerprint' | 'signedBy' | 'expiresAt'>

export type CertificateAction =
  | IssueAction
  | PublishAction
  /** Serve the Secret's leaf from now on. */
  | { readonly kind: 'serve'; readonly leaf: Leaf }

/** Write the Secret. */
export interface IssueAction {
  readonly kind: 'issue'
  /** Below whom a new leaf is signed: an authority that is made first, or that of the Secret. */
  readonly signer: Signer | 'new'
  /** Stays as it is; null: a new one is signed. */
  readonly leaf: Leaf | null
  /** The authorities that stay, that of the Secret among them. */
  readonly keep: readonly Authority[]
  /** For the log. */
  readonly why: string
}

export interface PlanClock {
  readonly now: Date
  readonly timing: CertificateTiming
}

/**
 * What to do next. Pure, and the same for all replicas that see the same: whoever comes first writes, the others
 * find nothing left to do. A Secret that is to be written comes alone: the rest is planned on what is then read.
 */
export function planCertificates(
  state: CertificateState,
  clock: PlanClock,
): readonly CertificateAction[] {
  const issue = planIssue(state, clock)
  if (issue) return [issue]
  const { authorities } = state.stored
  // Without one a leaf would have been issued.
  const leaf = state.stored.leaf as Leaf
  return [
    ...(shouldServe(state, leaf, clock) ? [{ kind: 'serve' as const, leaf }] : []),
    ...planBundles(state, authorities, clock),
  ]
}

/** Later authorities than these are of no use: the newest signs, another has signed the leaf. */
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
  // Also by an authority that is to be replaced: that one is trusted already.
  if (!leaf) return { kind: 'issue', signer, leaf, keep, why: 'there is none to serve' }
  if (isDue(signer.expiresAt, { lifeMs: clock.timing.authorityMs, now: clock.now }))
    return { kind: 'issue', signer: 'new', leaf, keep, why: 'the authority expires soon' }
  const why = whyNewLeaf(state, leaf, { ...clock, signer })
  if (why !== null) return { kind: 'issue', signer, leaf: null, keep, why }
  if (usable.length === authorities.length) return null
  return { kind: 'issue', signer, leaf, keep, why: 'an authority has expired' }
}

/** The needed ones first, and no more than are of use. */
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
    // The rule of the overlap: an authority is trusted everywhere before it signs.
    const held = state.heldMs.get(signer.fingerprint) ?? -1
    return held >= timing.overlapMs ? 'the new authority is trusted everywhere' : null
  }
  if (state.dnsNames.some(name => !leaf.dnsNames.includes(name))) return 'a name is missing'
  return isDue(leaf.expiresAt, { lifeMs: timing.leafMs, now }) ? 'it expires soon' : null
}

/**
 * A leaf that is trusted and served stays until the next one is trusted too, by every API server. When what is served
 * is worth nothing, anything is better.
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
