import { createPrivateKey, X509Certificate } from 'node:crypto'

/**
 * The texts in the Secret. They are untrusted, since anyone with the right may have written them.
 */
export interface CertificateTexts {
  /** `ca.crt`: every authority that clients have to trust, in PEM, the newest first. */
  readonly authorities: string
  /** `ca.key`: the private key of one of them. */
  readonly authorityKey: string
  /** `tls.crt`: the certificate that all replicas serve. */
  readonly certificate: string
  /** `tls.key`: its private key. */
  readonly key: string
}

/** The certificate of an authority. */
export interface Authority {
  readonly pem: string
  /** SHA-256 of the certificate. */
  readonly fingerprint: string
  readonly expiresAt: Date
}

/** An authority with its private key (PEM). */
export interface Signer extends Authority {
  readonly key: string
}

/** A serving certificate whose key is there and which one of the authorities has signed. */
export interface Leaf {
  readonly cert: string
  readonly key: string
  readonly fingerprint: string
  /** Fingerprint of the authority. */
  readonly signedBy: string
  readonly expiresAt: Date
  readonly dnsNames: readonly string[]
}

/**
 * The usable content of a Secret. It may include expired certificates; callers with a clock check
 * that.
 */
export interface StoredCertificates {
  readonly authorities: readonly Authority[]
  /** The authority whose private key is there; null for none. */
  readonly signer: Signer | null
  readonly leaf: Leaf | null
}

export function parseStoredCertificates(texts: CertificateTexts): StoredCertificates {
  const found = parseCertificates(texts.authorities).filter(({ ca }) => ca)
  return {
    authorities: found.map(toAuthority),
    signer: findSigner(found, texts.authorityKey),
    leaf: findLeaf(found, texts),
  }
}

/** The authorities in a bundle of PEM certificates. Anything else in it is left out. */
export function parseAuthorities(bundle: string): readonly Authority[] {
  return parseCertificates(bundle)
    .filter(({ ca }) => ca)
    .map(toAuthority)
}

/** Reads an authority that was just issued. */
export function parseSigner(cert: string, key: string): Signer {
  return { ...toAuthority(new X509Certificate(cert)), key }
}

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g

function parseCertificates(text: string): readonly X509Certificate[] {
  return (text.match(block) ?? []).flatMap(pem => {
    try {
      return new X509Certificate(pem)
    } catch {
      return []
    }
  })
}

function toAuthority(certificate: X509Certificate): Authority {
  return {
    pem: certificate.toString(),
    fingerprint: certificate.fingerprint256,
    expiresAt: new Date(certificate.validTo),
  }
}

function findSigner(authorities: readonly X509Certificate[], key: string): Signer | null {
  const certificate = authorities.find(authority => hasKey(authority, key))
  return certificate ? { ...toAuthority(certificate), key } : null
}

function findLeaf(
  authorities: readonly X509Certificate[],
  { certificate: text, key }: CertificateTexts,
): Leaf | null {
  const [certificate] = parseCertificates(text)
  if (!certificate || !hasKey(certificate, key)) return null
  const issuer = authorities.find(authority => hasSigned(authority, certificate))
  if (!issuer) return null
  return {
    cert: text,
    key,
    fingerprint: certificate.fingerprint256,
    signedBy: issuer.fingerprint256,
    expiresAt: new Date(certificate.validTo),
    dnsNames: parseDnsNames(certificate),
  }
}

function hasKey(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

function hasSigned(authority: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
}

/** Reads the names. Node prints them as `DNS:a, IP Address:127.0.0.1`. */
function parseDnsNames({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return subjectAltName.split(', ').flatMap(name => /^DNS:(.+)/.exec(name)?.[1] ?? [])
}
