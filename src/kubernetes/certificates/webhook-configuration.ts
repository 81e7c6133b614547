import type { ConfigurationState } from '../../certificates/certificate-store.js'

/** A webhook configuration by kind and name. */
export interface ConfigurationName {
  readonly kind: 'validating' | 'mutating'
  readonly name: string
}

/** Plural, as in RBAC and URLs, without its group admissionregistration.k8s.io. */
export function configurationResource({ kind }: ConfigurationName): string {
  return `${kind}webhookconfigurations`
}

type Fields = Readonly<Record<string, unknown>>

/**
 * The entries of a webhook configuration that call our Service, or a URL: those of another installation with the same
 * name are not ours to write. `installation` is the `NAMESPACE/NAME` of the Service.
 */
export function parseConfiguration(
  object: unknown,
  configuration: ConfigurationName,
  installation: string,
): ConfigurationState {
  const name = formatName(configuration)
  const annotations = Object((Object(Object(object)) as Fields)['metadata']) as Fields
  if (isInjected(Object(annotations['annotations']) as Fields))
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
 * A JSON patch that gives our entries this caBundle (PEM), and nothing else to anything. It fails when the object has changed since
 * it was read: the entries are named by their place.
 */
export function buildBundlePatch(
  object: unknown,
  bundle: string,
  installation: string,
): readonly unknown[] {
  const { resourceVersion } = Object((Object(object) as Fields)['metadata']) as Fields
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
  const { webhooks } = Object(object) as Fields
  return Array.isArray(webhooks) ? webhooks.map(entry => Object(entry) as Fields) : []
}

function isOurs(entry: Fields, installation: string): boolean {
  const service = serviceOf(entry)
  return service === undefined || service === installation
}

/** `NAMESPACE/NAME` of the Service that an entry calls; undefined when it calls a URL. */
function serviceOf(entry: Fields): string | undefined {
  const service = clientConfigOf(entry)['service']
  if (service === undefined) return undefined
  const { namespace, name } = Object(service) as Fields
  return `${String(namespace)}/${String(name)}`
}

function bundleOf(entry: Fields): string {
  const { caBundle } = clientConfigOf(entry)
  return typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString('utf8') : ''
}

function clientConfigOf(entry: Fields): Fields {
  return Object(entry['clientConfig']) as Fields
}

/** cert-manager's cainjector: `inject-ca-from`, `inject-ca-from-secret`, `inject-apiserver-ca`. */
function isInjected(annotations: Fields): boolean {
  return Object.keys(annotations).some(key => key.startsWith('cert-manager.io/inject-'))
}
