import type { ConfigurationState } from '../../certificates/certificate-store.js'

/** A webhook configuration by kind and name. */
export interface ConfigurationName {
  readonly kind: 'validating' | 'mutating'
  readonly name: string
}

/** The plural as in RBAC and URLs, without the group admissionregistration.k8s.io. */
export function configurationResource({ kind }: ConfigurationName): string {
  return `${kind}webhookconfigurations`
}

type Fields = Readonly<Record<string, unknown>>

/** Of an object as the API server sends it; of anything else none. */
function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function metadataOf(configuration: unknown): Fields {
  return fieldsOf(fieldsOf(configuration)['metadata'])
}

/**
 * Reads the entries of a webhook configuration that call this installation's Service, or a URL.
 * Entries of another installation with the same name must not be written. `installation` is the
 * `NAMESPACE/NAME` of the Service.
 */
export function parseConfiguration(
  object: unknown,
  configuration: ConfigurationName,
  installation: string,
): ConfigurationState {
  const name = formatName(configuration)
  if (isInjected(fieldsOf(metadataOf(object)['annotations'])))
    return foreign(
      name,
      'cert-manager is told to write its caBundle (annotation cert-manager.io/inject-…); ' +
        'use its certificate with --tls-cert, or take the annotation away',
    )
  const ours = entriesOf(object).filter(entry => isOurs(entry, installation))
  const other = entriesOf(object).map(serviceOf)[0]
  if (ours.length > 0) return { kind: 'found', name, bundles: ours.map(bundleOf), object }
  return foreign(
    name,
    other === undefined
      ? 'it has no webhooks'
      : `it calls the Service ${other}, not ${installation}: another installation has the same name`,
  )
}

export function formatName({ kind, name }: ConfigurationName): string {
  return `${kind}/${name}`
}

function foreign(name: string, why: string): ConfigurationState {
  return {
    kind: 'foreign',
    name,
    problem: `the webhook configuration ${name} is not touched: ${why}`,
  }
}

/**
 * A JSON patch that gives this installation's entries a caBundle (PEM) and changes nothing else.
 * The entries are named by position, so it fails when the object has changed since it was read.
 */
export function buildBundlePatch(
  object: unknown,
  bundle: string,
  installation: string,
): readonly unknown[] {
  const { resourceVersion } = metadataOf(object)
  const value = Buffer.from(bundle).toString('base64')
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ...entriesOf(object).flatMap((entry, index) =>
      isOurs(entry, installation)
        ? { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value }
        : [],
    ),
  ]
}

function entriesOf(object: unknown): readonly Fields[] {
  const { webhooks } = fieldsOf(object)
  return Array.isArray(webhooks) ? webhooks.map(fieldsOf) : []
}

function isOurs(entry: Fields, installation: string): boolean {
  const service = serviceOf(entry)
  return service === undefined || service === installation
}

/** `NAMESPACE/NAME` of the Service that an entry calls; undefined when it calls a URL. */
function serviceOf(entry: Fields): string | undefined {
  const service = clientConfigOf(entry)['service']
  if (service === undefined) return undefined
  const { namespace, name } = fieldsOf(service)
  return `${String(namespace)}/${String(name)}`
}

function bundleOf(entry: Fields): string {
  const { caBundle } = clientConfigOf(entry)
  return typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString('utf8') : ''
}

function clientConfigOf(entry: Fields): Fields {
  return fieldsOf(entry['clientConfig'])
}

/**
 * Whether cert-manager's cainjector writes the caBundle: `inject-ca-from`, `inject-ca-from-secret`,
 * `inject-apiserver-ca`.
 */
function isInjected(annotations: Fields): boolean {
  return Object.keys(annotations).some(key => key.startsWith('cert-manager.io/inject-'))
}
