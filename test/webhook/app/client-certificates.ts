import { webcrypto } from 'node:crypto'
import { type IssuedPair, issueAuthority } from '../../../src/certificates/issue.js'
import * as x509 from '../../../src/certificates/x509.js'

const hour = 3_600_000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

const validity = () => ({
  notBefore: new Date(Date.now() - hour),
  notAfter: new Date(Date.now() + hour),
})

/** An authority for client certificates, such as a cluster has. */
export function issueClientAuthority(): Promise<IssuedPair> {
  return issueAuthority(validity())
}

export interface ClientCertificateOptions {
  /** Such as `CN=kube-apiserver`. */
  readonly subject: string
  readonly dnsNames?: readonly string[]
  /** Of the extended key usage; default: what a client has. */
  readonly usage?: 'clientAuth' | 'serverAuth'
  /** Default: in an hour. */
  readonly notAfter?: Date
}

/** A certificate that an API server would show. */
export async function issueClient(
  authority: IssuedPair,
  { subject, dnsNames = [], usage = 'clientAuth', notAfter }: ClientCertificateOptions,
): Promise<IssuedPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.key),
    algorithm,
    false,
    ['sign'],
  )
  const names = dnsNames.map(value => ({ type: 'dns' as const, value }))
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject,
      issuer: new x509.X509Certificate(authority.cert).subject,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: algorithm,
      ...validity(),
      ...(notAfter && { notAfter }),
      extensions: [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[usage]]),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    },
    webcrypto,
  )
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    cert: certificate.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  }
}
