import { type CertificateTiming, isExpired } from './lifetimes.js'
import type { Authority } from './stored-certificates.js'

export interface BundleState {
  /** The webhook configurations that exist and call this installation. */
  readonly configurations: readonly ConfigurationBundles[]
  /**
   * How long an authority has been in a webhook configuration without being in the Secret (a
   * stranger), in milliseconds, by fingerprint.
   */
  readonly strangerMs: ReadonlyMap<string, number>
}

export interface ConfigurationBundles {
  readonly name: string
  /** The authorities in the caBundle of each entry that calls this installation. */
  readonly bundles: readonly (readonly Authority[])[]
}

/** Gives all such entries of a configuration this caBundle. */
export interface PublishAction {
  readonly kind: 'publish'
  readonly configuration: string
  readonly authorities: readonly Authority[]
}

/**
 * Finds the caBundles to be written. A caBundle holds the Secret's authorities, and for a while
 * strangers: after the Secret was deleted, other replicas may still serve a certificate that a
 * former authority signed.
 */
export function planBundles(
  { configurations, strangerMs }: BundleState,
  authorities: readonly Authority[],
  { now, timing }: { readonly now: Date; readonly timing: CertificateTiming },
): readonly PublishAction[] {
  const isTolerated = ({ fingerprint, expiresAt }: Authority) =>
    !isExpired(expiresAt, now) && (strangerMs.get(fingerprint) ?? 0) < strangerLifeMs(timing)
  return configurations.flatMap(({ name, bundles }) => {
    const strangers = bundles.flat().filter(authority => !includes(authorities, authority))
    const wanted = unique([...authorities, ...strangers.filter(isTolerated)])
    const isRight = (bundle: readonly Authority[]) =>
      authorities.every(authority => includes(bundle, authority)) &&
      bundle.every(authority => includes(wanted, authority))
    if (bundles.every(isRight)) return []
    return [{ kind: 'publish', configuration: name, authorities: wanted }]
  })
}

/**
 * How long a stranger may stay. By then every replica has seen the new authority trusted for as
 * long as it must wait, and serves a certificate of it.
 */
function strangerLifeMs({ overlapMs, intervalMs }: CertificateTiming): number {
  return 2 * overlapMs + intervalMs
}

function includes(authorities: readonly Authority[], { fingerprint }: Authority): boolean {
  return authorities.some(authority => authority.fingerprint === fingerprint)
}

function unique(authorities: readonly Authority[]): readonly Authority[] {
  return [...new Map(authorities.map(authority => [authority.fingerprint, authority])).values()]
}
