import { webcrypto } from 'node:crypto'
import type { AltName } from './subject-names.js'

export interface Validity {
  readonly notBefore: Date
  /** For a leaf no later than its authority's end, because no client accepts it after that. */
  readonly notAfter: Date
}

/** A certificate and its private key, both PEM. */
export interface IssuedPair {
  readonly cert: string
  /** PKCS #8, without a passphrase. */
  readonly key: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * Authorities of one bundle must differ in their names, because some clients look for an issuer by
 * name alone.
 */
const authorityName = () => `CN=atlas-admission authority ${webcrypto.randomUUID()}`

/**
 * Issues a certificate authority (EC P-256) in this process. It may sign leaves, but no other
 * authorities.
 */
export async function issueAuthority(validity: Validity): Promise<IssuedPair> {
  const x509 = await loadX509()
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: authorityName(),
      keys,
      signingAlgorithm: algorithm,
      ...validity,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return encodePair(certificate, keys.privateKey)
}

export interface LeafOptions {
  readonly names: readonly AltName[]
  readonly validity: Validity
}

/**
 * Issues a serving certificate signed by an authority. Rejects when the authority's PEM cannot be
 * read.
 */
export async function issueLeaf(authority: IssuedPair, options: LeafOptions): Promise<IssuedPair> {
  const x509 = await loadX509()
  const issuer = new x509.X509Certificate(authority.cert)
  const issuerKey = await issuer.publicKey.export(webcrypto)
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: 'CN=atlas-admission',
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey: await importKey(authority.key),
      signingAlgorithm: algorithm,
      ...options.validity,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([...options.names]),
        await x509.AuthorityKeyIdentifierExtension.create(issuerKey, false, webcrypto),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return encodePair(certificate, keys.privateKey)
}

/** Loads the library on demand: only a server without certificate files needs it. */
function loadX509() {
  return import('./x509.js')
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const { PemConverter } = await loadX509()
  return webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), algorithm, false, [
    'sign',
  ])
}

async function encodePair(
  certificate: { toString(format: 'pem'): string },
  privateKey: webcrypto.CryptoKey,
): Promise<IssuedPair> {
  const { PemConverter } = await loadX509()
  const key = await webcrypto.subtle.exportKey('pkcs8', privateKey)
  return {
    cert: `${certificate.toString('pem')}\n`,
    key: `${PemConverter.encode(key, 'PRIVATE KEY')}\n`,
  }
}
