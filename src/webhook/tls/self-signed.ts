import { issueAuthority, issueLeaf } from '../../certificates/issue.js'
import { dnsAltNames, ipAltNames } from '../../certificates/subject-names.js'

export interface SelfSignedOptions {
  /** In addition to `localhost`, such as `<service>.<namespace>.svc`. */
  readonly dnsNames: readonly string[]
  /** In addition to 127.0.0.1 and ::1. */
  readonly ipAddresses: readonly string[]
  readonly days: number
}

/** All in PEM. `ca` is what a client trusts (caBundle, `curl --cacert`); its key is thrown away. */
export interface SelfSigned {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

const DAY_MS = 86_400_000

/** The clocks of the API server and of this machine may differ a little. */
const CLOCK_SKEW_MS = 300_000

/**
 * Issues a certificate authority and one serving certificate signed by it (EC P-256), in this
 * process.
 */
export async function issueSelfSigned(options: SelfSignedOptions): Promise<SelfSigned> {
  const issued = Date.now()
  const validity = {
    notBefore: new Date(issued - CLOCK_SKEW_MS),
    notAfter: new Date(issued + options.days * DAY_MS),
  }
  const authority = await issueAuthority(validity)
  const names = [
    ...dnsAltNames([...new Set(['localhost', ...options.dnsNames])]),
    ...ipAltNames([...new Set(['127.0.0.1', '::1', ...options.ipAddresses])]),
  ]
  return { ca: authority.cert, ...(await issueLeaf(authority, { names, validity })) }
}
