import { CodedError } from '../review/ports/coded-error.js'
import type { CertificateTexts } from './stored-certificates.js'

/** The Secret with this installation's certificates, as it was read. */
export type SecretState =
  | { readonly kind: 'missing' }
  /**
   * It belongs to somebody else and must not be changed. `problem` says to whom, and the way out.
   */
  | { readonly kind: 'foreign'; readonly problem: string }
  /**
   * It belongs to this installation, or is empty and so free to take. `object` is what was read,
   * for the write that replaces it.
   */
  | { readonly kind: 'ours'; readonly texts: CertificateTexts; readonly object: unknown }

/** One webhook configuration, validating or mutating, as it was read. */
export type ConfigurationState =
  | {
      readonly kind: 'missing' | 'foreign' | 'unreadable'
      readonly name: string
      readonly problem: string
    }
  | {
      readonly kind: 'found'
      readonly name: string
      /** The caBundle (PEM) of each of its entries that call this installation; empty for none. */
      readonly bundles: readonly string[]
      readonly object: unknown
    }

export interface CertificateSnapshot {
  /** The API server's clock, because the API server will verify the certificates. */
  readonly now: Date
  readonly secret: SecretState
  readonly configurations: readonly ConfigurationState[]
}

/** Where certificates are kept and made known. All methods reject with a CertificateStoreError. */
export interface CertificateStore {
  read(signal: AbortSignal): Promise<CertificateSnapshot>
  /** Writes the Secret. False when another writer was first; it must then be read again. */
  writeSecret(
    secret: WritableSecret,
    texts: CertificateTexts,
    signal: AbortSignal,
  ): Promise<boolean>
  /**
   * Gives every entry that calls this installation this caBundle (PEM). False when another writer
   * was first.
   */
  writeBundle(
    configuration: FoundConfiguration,
    bundle: string,
    signal: AbortSignal,
  ): Promise<boolean>
}

export type WritableSecret = Exclude<SecretState, { kind: 'foreign' }>

export type FoundConfiguration = Extract<ConfigurationState, { kind: 'found' }>

/**
 * The store could not be asked. The message says why, names a missing right, and holds no secret.
 */
export class CertificateStoreError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_CERTIFICATE_STORE'
}
