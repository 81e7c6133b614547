import { ownValue } from '../../atlas/text/own-value.js'
import type { CertificateTexts } from '../../certificates/stored-certificates.js'
import type { SecretState } from '../../certificates/certificate-store.js'

/** The name of the Secret, and the installation it belongs to. */
export interface SecretAddress {
  readonly namespace: string
  readonly name: string
  /**
   * `NAMESPACE/NAME` of the Service whose certificate it holds, which tells two installations
   * apart.
   */
  readonly installation: string
}

/**
 * Annotation of the Secret with the Service that it was made for. A label would not do: its value
 * may hold no slash and at most 63 characters.
 */
const installationKey = 'atlas-admission.io/service'

/**
 * Keys of a TLS Secret (kubernetes.io/tls), and those that cert-manager uses for the authority in
 * the same Secret.
 */
const keys = {
  authorities: 'ca.crt',
  authorityKey: 'ca.key',
  certificate: 'tls.crt',
  key: 'tls.key',
} as const

type Fields = Readonly<Record<string, unknown>>

/**
 * Tells whether a Secret belongs to this installation, and what it holds. Anything may be in it.
 */
export function parseCertificateSecret(object: unknown, address: SecretAddress): SecretState {
  const { metadata, data } = Object(object) as Fields
  const texts = parseTexts(Object(data) as Fields)
  const owner = (Object((Object(metadata) as Fields)['annotations']) as Fields)[installationKey]
  if (owner === address.installation) return { kind: 'ours', texts, object }
  const { namespace, name, installation } = address
  const start = `the Secret ${namespace}/${name}`
  if (typeof owner === 'string')
    return {
      kind: 'foreign',
      problem:
        `${start} belongs to the installation for the Service ${owner}, not ${installation}; ` +
        'give each its own --certificate-secret',
    }
  // An installer may have made the Secret empty, so that this process does not need the right to
  // create Secrets.
  if (Object.values(texts).every(text => text.trim() === '')) return { kind: 'ours', texts, object }
  return {
    kind: 'foreign',
    problem:
      `${start} holds a certificate that was not made here (no annotation ${installationKey}); ` +
      'choose another --certificate-secret, or mount it and use --tls-cert',
  }
}

function parseTexts(data: Fields): CertificateTexts {
  const text = (key: string) => {
    const value = ownValue(data, key)
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : ''
  }
  return {
    authorities: text(keys.authorities),
    authorityKey: text(keys.authorityKey),
    certificate: text(keys.certificate),
    key: text(keys.key),
  }
}

/** A new Secret. */
export function buildCertificateSecret(texts: CertificateTexts, address: SecretAddress): unknown {
  const { namespace, name, installation } = address
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: {
      namespace,
      name,
      labels: { 'app.kubernetes.io/managed-by': 'atlas-admission' },
      annotations: { [installationKey]: installation },
    },
    data: encodeTexts(texts),
  }
}

/**
 * The Secret as it was read, with other certificates. It keeps its resourceVersion, so that it
 * replaces no newer state.
 */
export function replaceCertificates(
  object: unknown,
  texts: CertificateTexts,
  { installation }: SecretAddress,
): unknown {
  const secret = Object(object) as Fields
  const metadata = Object(secret['metadata']) as Fields
  const annotations = Object(metadata['annotations']) as Fields
  return {
    ...secret,
    metadata: { ...metadata, annotations: { ...annotations, [installationKey]: installation } },
    data: { ...(Object(secret['data']) as Fields), ...encodeTexts(texts) },
  }
}

function encodeTexts(texts: CertificateTexts): Fields {
  const encode = (text: string) => Buffer.from(text).toString('base64')
  return {
    [keys.authorities]: encode(texts.authorities),
    [keys.authorityKey]: encode(texts.authorityKey),
    [keys.certificate]: encode(texts.certificate),
    [keys.key]: encode(texts.key),
  }
}
