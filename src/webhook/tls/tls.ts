import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { CodedError } from '../../review/ports/coded-error.js'

/**
 * Paths of PEM files: `tls.crt` (leaf first, then its chain) and `tls.key` of a Kubernetes TLS
 * Secret.
 */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** A certificate and its private key, in PEM. */
export interface CertificatePair {
  readonly cert: string
  readonly key: string
  /** notAfter of the leaf. */
  readonly expiresAt: Date
}

/**
 * A serving certificate that cannot be used. The message names files and reasons, never key
 * material.
 */
export class CertificateError extends CodedError {
  override readonly code = 'ATLAS_ADMISSION_CERTIFICATE'
}

/** Reads both files, and checks that they belong together. Rejects with a CertificateError. */
export async function readCertificatePair(files: CertificateFiles): Promise<CertificatePair> {
  const [cert, key] = await Promise.all([readPem(files.certFile), readPem(files.keyFile)])
  return parseCertificatePair(cert, key)
}

/** Reads a file. Rejects with a CertificateError that names it. */
export async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new CertificateError(`${path} cannot be read (${code}); check the path and its rights`)
  }
}

/** Checks that OpenSSL accepts the pair for a server. Throws a CertificateError. */
export function parseCertificatePair(cert: string, key: string): CertificatePair {
  const leaf = parsePart('certificate', () => new X509Certificate(cert))
  const privateKey = parsePart('key', () => createPrivateKey(key))
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new CertificateError(
      'the certificate and the key do not belong together; write both from one issue',
    )
  }
  const pair = { cert, key, expiresAt: new Date(leaf.validTo) }
  // This refuses what the parts alone do not show: a broken chain, or a key too small for the
  // security level.
  parsePart('pair', () => createSecureContext(secureContext(pair, null)))
  return pair
}

function parsePart<Part>(name: string, parse: () => Part): Part {
  try {
    return parse()
  } catch {
    throw new CertificateError(
      `the ${name} cannot be used by TLS; expected PEM without a passphrase`,
    )
  }
}

/**
 * Every TLS option of the server, because setSecureContext forgets those that it is not given
 * again.
 * @param clientAuthority PEM of the authorities of client certificates; null: none are asked for
 */
export function secureContext(
  pair: CertificatePair,
  clientAuthority: string | null,
): SecureContextOptions {
  return {
    cert: pair.cert,
    key: pair.key,
    // kube-apiserver of 1.30 and newer speaks TLS 1.3 and 1.2.
    minVersion: 'TLSv1.2',
    ...(clientAuthority !== null && { ca: clientAuthority }),
  }
}
