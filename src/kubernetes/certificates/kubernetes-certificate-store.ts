import {
  type CertificateSnapshot,
  type CertificateStore,
  CertificateStoreError,
  type ConfigurationState,
  type FoundConfiguration,
  type SecretState,
  type WritableSecret,
} from '../../certificates/certificate-store.js'
import type { CertificateTexts } from '../../certificates/stored-certificates.js'
import { type ApiAnswer, ApiClient, type ApiRequest, type ApiWrite } from '../api/api-client.js'
import { ApiStatusError } from '../api/api-status-error.js'
import {
  buildCertificateSecret,
  parseCertificateSecret,
  replaceCertificates,
  type SecretAddress,
} from './certificate-secret.js'
import { failureReason, type Right } from '../api/failure-reason.js'
import { type KubernetesAccess, readKubeconfig } from '../api/kubeconfig.js'
import {
  buildBundlePatch,
  type ConfigurationName,
  configurationResource,
  formatName,
  parseConfiguration,
} from './webhook-configuration.js'

export interface CertificateStoreOptions {
  readonly access: KubernetesAccess
  readonly secret: SecretAddress
  /**
   * The webhook configurations whose caBundle is written. May be empty: somebody else then gives
   * clients the Secret's ca.crt.
   */
  readonly configurations: readonly ConfigurationName[]
}

/** Name that managedFields shows, so that GitOps tools can be told to leave these fields alone. */
const fieldManager = 'atlas-admission'

/**
 * Opens the store with connections of its own, because certificates must not wait behind reviews.
 * @throws KubeconfigError
 */
export function openCertificateStore(options: CertificateStoreOptions): KubernetesCertificateStore {
  const config = readKubeconfig(options.access)
  return new KubernetesCertificateStore(new ApiClient(config), options, () => config.close())
}

/**
 * Keeps the Secret and the webhook configurations of a cluster, each by its name. Needs get, create
 * and update on the Secret, and get and patch on the configurations.
 */
export class KubernetesCertificateStore implements CertificateStore {
  readonly #client: ApiClient
  readonly #options: Omit<CertificateStoreOptions, 'access'>
  readonly close: () => void

  constructor(
    client: ApiClient,
    options: Omit<CertificateStoreOptions, 'access'>,
    close: () => void,
  ) {
    this.#client = client
    this.#options = options
    this.close = close
  }

  async read(signal: AbortSignal): Promise<CertificateSnapshot> {
    const answer = await this.#ask({ path: this.#secretPath, signal }, this.#secret('get', [404]))
    const secret: SecretState =
      answer.statusCode === 404
        ? { kind: 'missing' }
        : parseCertificateSecret(answer.body, this.#options.secret)
    const configurations = await Promise.all(
      this.#options.configurations.map(name => this.#readConfiguration(name, signal)),
    )
    return { now: answer.date ?? new Date(), secret, configurations }
  }

  async writeSecret(
    secret: WritableSecret,
    texts: CertificateTexts,
    signal: AbortSignal,
  ): Promise<boolean> {
    const address = this.#options.secret
    const query = { fieldManager }
    if (secret.kind === 'missing') {
      const path = `/api/v1/namespaces/${address.namespace}/secrets`
      const body = buildCertificateSecret(texts, address)
      return this.#write(
        { method: 'POST', path, query, body, signal },
        this.#secret('create', [409]),
      )
    }
    const body = replaceCertificates(secret.object, texts, address)
    // 404: the Secret was deleted in between.
    return this.#write(
      { method: 'PUT', path: this.#secretPath, query, body, signal },
      this.#secret('update', [404, 409]),
    )
  }

  async writeBundle(
    configuration: FoundConfiguration,
    bundle: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { configurations, secret } = this.#options
    const name = configurations.find(name => formatName(name) === configuration.name)
    const path = configurationPath(name as ConfigurationName)
    const body = buildBundlePatch(configuration.object, bundle, secret.installation)
    const contentType = 'application/json-patch+json'
    return this.#write(
      { method: 'PATCH', path, query: { fieldManager }, body, contentType, signal },
      // 422: the patch's test of the resourceVersion has failed (apiserver,
      // endpoints/handlers/patch.go).
      ofConfiguration(name as ConfigurationName, 'patch', [404, 409, 422]),
    )
  }

  /**
   * Reads one configuration. An error with one must not keep the others, or the Secret, from being
   * used.
   */
  async #readConfiguration(
    configuration: ConfigurationName,
    signal: AbortSignal,
  ): Promise<ConfigurationState> {
    const name = formatName(configuration)
    const path = configurationPath(configuration)
    try {
      const expected = ofConfiguration(configuration, 'get', [404])
      const { statusCode, body } = await this.#ask({ path, signal }, expected)
      if (statusCode !== 404)
        return parseConfiguration(body, configuration, this.#options.secret.installation)
      const problem = `the webhook configuration ${name} does not exist yet`
      return { kind: 'missing', name, problem }
    } catch (error) {
      return { kind: 'unreadable', name, problem: (error as CertificateStoreError).message }
    }
  }

  /** @returns false when the answer says that another process has written meanwhile */
  async #write(request: ApiWrite, expected: Expected): Promise<boolean> {
    const { statusCode } = await this.#ask(request, expected)
    return isSuccess(statusCode)
  }

  /**
   * Sends a request. Rejects with a CertificateStoreError unless the status is a success or an
   * expected one.
   */
  async #ask(
    request: ApiRequest | ApiWrite,
    { what, right, statusCodes }: Expected,
  ): Promise<ApiAnswer> {
    const answer = await this.#client.exchange(request).catch((error: unknown) => {
      throw new CertificateStoreError(`${what}: ${failureReason(error, right)}`, { cause: error })
    })
    if (isSuccess(answer.statusCode) || statusCodes.includes(answer.statusCode)) return answer
    const reason = failureReason(new ApiStatusError(answer.statusCode), right)
    throw new CertificateStoreError(`${what}: ${reason}`)
  }

  get #secretPath(): string {
    const { namespace, name } = this.#options.secret
    return `/api/v1/namespaces/${namespace}/secrets/${name}`
  }

  #secret(verb: Right['verb'], statusCodes: readonly number[]): Expected {
    const { namespace, name } = this.#options.secret
    const right = { verb, resource: 'secrets', namespace }
    return { what: `the Secret ${namespace}/${name}`, right, statusCodes }
  }
}

/**
 * For messages and errors of a request: the object it is about, the right it needs, and the
 * statuses that are no failure, since they only tell that the object was changed, created or
 * deleted by somebody else.
 */
interface Expected {
  readonly what: string
  readonly right: Right
  readonly statusCodes: readonly number[]
}

const group = 'admissionregistration.k8s.io'

function ofConfiguration(
  configuration: ConfigurationName,
  verb: Right['verb'],
  statusCodes: readonly number[],
): Expected {
  const resource = `${configurationResource(configuration)}.${group}`
  const what = `the webhook configuration ${formatName(configuration)}`
  return { what, right: { verb, resource, namespace: null }, statusCodes }
}

function configurationPath(configuration: ConfigurationName): string {
  return `/apis/${group}/v1/${configurationResource(configuration)}/${configuration.name}`
}

function isSuccess(statusCode: number): boolean {
  return statusCode < 300
}
