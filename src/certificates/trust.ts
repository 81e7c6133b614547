import type { CertificateSnapshot, ConfigurationState } from './certificate-store.js'
import type { ServedLeaf } from './certificate-plan.js'
import { parseAuthorities } from './stored-certificates.js'

export interface TrustOptions {
  readonly serving: ServedLeaf | null
  /**
   * Whether API servers trusted this process before. If they did, a missing or unreadable object is
   * no reason to send calls elsewhere, because the other replicas see the same.
   */
  readonly wasTrusted: boolean
}

/**
 * Why API servers do not call this process, or would not trust it if they did; null when they do.
 */
export function trustProblem(
  { secret, configurations }: CertificateSnapshot,
  options: TrustOptions,
): string | null {
  if (secret.kind === 'foreign' && !options.wasTrusted) return secret.problem
  if (options.serving === null) return 'there is none yet that API servers could trust'
  const { signedBy } = options.serving
  const problems = configurations.flatMap(state => configurationProblem(state, signedBy, options))
  return problems.length === 0 ? null : problems.join('; ')
}

function configurationProblem(
  state: ConfigurationState,
  signedBy: string,
  { wasTrusted }: TrustOptions,
): readonly string[] {
  if (state.kind === 'foreign') return [state.problem]
  if (state.kind !== 'found') return wasTrusted ? [] : [state.problem]
  const trusts = (bundle: string) =>
    parseAuthorities(bundle).some(({ fingerprint }) => fingerprint === signedBy)
  if (state.bundles.every(trusts)) return []
  return [`the webhook configuration ${state.name} does not trust it yet`]
}

/** What the store found out of order, whether or not calls can come; null when all is well. */
export function storeProblem({ secret, configurations }: CertificateSnapshot): string | null {
  const problems = [secret, ...configurations].flatMap(state =>
    'problem' in state ? state.problem : [],
  )
  return problems.length === 0 ? null : problems.join('; ')
}
