import { issueAuthority, issueLeaf } from './issue.js'
import type { IssueAction, PlanClock } from './certificate-plan.js'
import { type CertificateTexts, parseSigner, type Signer } from './stored-certificates.js'
import { dnsAltNames } from './subject-names.js'

export interface IssueOptions extends PlanClock {
  readonly dnsNames: readonly string[]
}

/** Issues certificates, and returns what the Secret is to hold. */
export async function issueTexts(
  action: IssueAction,
  options: IssueOptions,
): Promise<CertificateTexts> {
  const signer = action.signer === 'new' ? await makeSigner(options) : action.signer
  const leaf = action.leaf ?? (await signLeaf(signer, options))
  // The Secret's own authority is among those that are kept.
  const authorities = action.signer === 'new' ? [signer, ...action.keep] : action.keep
  return {
    authorities: authorities.map(({ pem }) => pem).join(''),
    authorityKey: signer.key,
    certificate: leaf.cert,
    key: leaf.key,
  }
}

async function makeSigner({ now, timing }: IssueOptions): Promise<Signer> {
  const { cert, key } = await issueAuthority({
    notBefore: new Date(now.getTime() - timing.backdateMs),
    notAfter: new Date(now.getTime() + timing.authorityMs),
  })
  return parseSigner(cert, key)
}

/**
 * Signs a leaf. It ends no later than its authority, because no client would accept it after that.
 */
function signLeaf(signer: Signer, { now, timing, dnsNames }: IssueOptions) {
  const end = Math.min(now.getTime() + timing.leafMs, signer.expiresAt.getTime())
  return issueLeaf(
    { cert: signer.pem, key: signer.key },
    {
      names: dnsAltNames(dnsNames),
      validity: {
        notBefore: new Date(now.getTime() - timing.backdateMs),
        notAfter: new Date(end),
      },
    },
  )
}
