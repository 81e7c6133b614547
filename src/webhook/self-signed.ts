import { webcrypto } from 'node:crypto'

export interface SelfSignedOptions {
  /** In addition to `localhost`, such as `<service>.<namespace>.svc`. */
  readonly dnsNames: readonly string[]
  /** In addition to 127.0.0.1 and ::1. */
  readonly ipAddresses: readonly string[]
  readonly days: number
}

/** PEM. `ca` is what a client trusts (caBundle, `curl --cacert`); its key is thrown away. */
export interface SelfSigned {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

const DAY_MS = 86_400_000

/** Clocks of the API server and of this machine may differ a little. */
const CLOCK_SKEW_MS = 300_000

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** Issues a certificate authority and one serving certificate below it, EC P-256, in this process. */
export async function issueSelfSigned(options: SelfSignedOptions): Promise<SelfSigned> {
  // Costs 300 ms to import, and only a server without certificate files needs it.
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const issued = Date.now()
  const validity = {
    notBefore: new Date(issued - CLOCK_SKEW_MS),
    notAfter: new Date(issued + options.days * DAY_MS),
  }
  const ca = await generateKeys()
  const leaf = await generateKeys()
  const authority = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=atlas-admission self-signed authority',
      keys: ca,
      signingAlgorithm: algorithm,
      ...validity,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        await x509.SubjectKeyIdentifierExtension.create(ca.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: 'CN=atlas-admission',
      issuer: authority.subject,
      publicKey: leaf.publicKey,
      signingKey: ca.privateKey,
      signingAlgorithm: algorithm,
      ...validity,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(subjectNames(options)),
        await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey, false, webcrypto),
        await x509.SubjectKeyIdentifierExtension.create(leaf.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  const key = await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey)
  return {
    ca: authority.toString('pem'),
    cert: certificate.toString('pem'),
    key: x509.PemConverter.encode(key, 'PRIVATE KEY'),
  }
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

function subjectNames(options: SelfSignedOptions): { type: 'dns' | 'ip'; value: string }[] {
  const dns = new Set(['localhost', ...options.dnsNames])
  const ips = new Set(['127.0.0.1', '::1', ...options.ipAddresses])
  return [
    ...[...dns].map(value => ({ type: 'dns' as const, value })),
    ...[...ips].map(value => ({ type: 'ip' as const, value })),
  ]
}
