import { X509Certificate } from 'node:crypto'
import { CertificateError, readPem } from './tls.js'

/** The clients whose certificates are accepted on /validate and /mutate. */
export interface ClientOptions {
  /** Path of a PEM file with the authorities that may have signed one. */
  readonly caFile: string
  /**
   * The certificate must have one of these names, as common name or DNS name; empty: any
   * certificate of the authorities is accepted.
   */
  readonly names: readonly string[]
}

const certificates = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * Reads the authorities of --client-ca. Rejects with a CertificateError, also for a file without a
 * certificate: TLS would accept such a file silently, and nobody could call any more.
 */
export async function readClientAuthority(file: string): Promise<string> {
  const found = (await readPem(file)).match(certificates) ?? []
  if (found.length === 0)
    throw new CertificateError(`${file} holds no certificate; expected the authorities in PEM`)
  for (const [index, pem] of found.entries()) {
    if (!isCertificate(pem))
      throw new CertificateError(
        `certificate ${index + 1} of ${file} cannot be read; expected X.509 in PEM`,
      )
  }
  return `${found.join('\n')}\n`
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
