import type { ServiceName } from '../../certificates/subject-names.js'
import type { ConfigurationName } from '../../kubernetes/certificates/webhook-configuration.js'
import type { CertificateFiles } from '../../webhook/tls/tls.js'
import type { Arguments } from '../line/arguments.js'
import { UsageError } from '../line/usage-error.js'

/** Where the serving certificate comes from. */
export type CertificateChoice =
  /** Made in memory. Whoever asks the gate for its authority may trust it. */
  | { readonly kind: 'memory' }
  | { readonly kind: 'files'; readonly files: CertificateFiles }
  | ClusterCertificate

/** Made and renewed by this process, and kept in a Secret. */
export interface ClusterCertificate {
  readonly kind: 'cluster'
  readonly secret: { readonly namespace: string; readonly name: string }
  readonly service: ServiceName
  readonly configurations: readonly ConfigurationName[]
}

/** @throws UsageError for options that do not go together. */
export function parseCertificateChoice(args: Arguments): CertificateChoice {
  const files = parseFiles(args)
  const secret = args.value('certificate-secret')
  const alone = ['service', 'webhook-configurations'].find(name => args.value(name) !== undefined)
  if (secret === undefined) {
    if (alone !== undefined) throw new UsageError(`--${alone} needs --certificate-secret`)
    return files ? { kind: 'files', files } : { kind: 'memory' }
  }
  if (files)
    throw new UsageError('--certificate-secret and --tls-cert exclude each other: give one of them')
  if (!args.isSet('kubernetes')) throw new UsageError('--certificate-secret needs --kubernetes')
  const service = args.value('service')
  if (service === undefined)
    throw new UsageError(
      '--certificate-secret needs --service NAMESPACE/NAME: the certificate is made for its names',
    )
  return {
    kind: 'cluster',
    secret: parseNamespacedName(secret, 'certificate-secret'),
    service: parseNamespacedName(service, 'service'),
    configurations: parseConfigurations(args.value('webhook-configurations')),
  }
}

function parseFiles(args: Arguments): CertificateFiles | null {
  const certFile = args.value('tls-cert')
  const keyFile = args.value('tls-key')
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile }
  if (certFile === keyFile) return null
  throw new UsageError('--tls-cert and --tls-key belong together: give both or neither')
}

/** RFC 1123 label and subdomain, as the API server requires of names. */
const namespacedName =
  /^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\/([a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?)$/

function parseNamespacedName(text: string, option: string): { namespace: string; name: string } {
  const [, namespace, name] = namespacedName.exec(text) ?? []
  if (namespace === undefined || name === undefined)
    throw new UsageError(
      `--${option}: "${text}" is no NAMESPACE/NAME; expected something like atlas-admission/webhook`,
    )
  return { namespace, name }
}

const configurationName = /^(?:(validating|mutating)\/)?([a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?)$/

function parseConfigurations(text: string | undefined): readonly ConfigurationName[] {
  const names = text?.split(',') ?? []
  return names.map(part => {
    const [, kind = 'validating', name] = configurationName.exec(part.trim()) ?? []
    if (name === undefined)
      throw new UsageError(
        `--webhook-configurations: "${part.trim()}" is no name of a webhook configuration; ` +
          'expected something like atlas-admission or mutating/atlas-admission',
      )
    return { kind: kind as ConfigurationName['kind'], name }
  })
}
