import { webcrypto } from 'node:crypto'
import type { IssuedPair } from '../../src/certificates/issue.js'
import * as x509 from '../../src/certificates/x509.js'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A client certificate of an hour with this common name, as `openssl x509 -req` in docs/client-certificate.md makes one. */
export async function issueClient(authority: IssuedPair, name: string): Promise<IssuedPair> {
  const issuer = new x509.X509Certificate(authority.cert)
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const signingKey = x509.PemConverter.decodeFirst(authority.key)
  const now = Date.now()
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: `CN=${name}`,
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey: await webcrypto.subtle.importKey('pkcs8', signingKey, algorithm, false, ['sign']),
      signingAlgorithm: algorithm,
      notBefore: new Date(now - 60_000),
      notAfter: new Date(now + 3_600_000),
      extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
    },
    webcrypto,
  )
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    cert: certificate.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  }
}
