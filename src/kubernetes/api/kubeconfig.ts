import { accessSync, constants } from 'node:fs'
import { KubeconfigError } from './kubeconfig-error.js'
import { PooledKubeConfig } from './pooled-kube-config.js'

/** Where the address and the credentials of the API server come from. */
export type KubernetesAccess =
  /**
   * The service account of the pod that this process runs in. Tests set `root`, which is put in
   * front of its fixed paths.
   */
  | { readonly kind: 'in-cluster'; readonly root?: string }
  /** A kubeconfig file. Without `context`, its current context counts. */
  | { readonly kind: 'kubeconfig'; readonly file: string; readonly context?: string }

/** @throws KubeconfigError that says what is missing and the way out. */
export function readKubeconfig(access: KubernetesAccess): PooledKubeConfig {
  return access.kind === 'in-cluster' ? readInCluster(access.root ?? '') : readFile(access)
}

const tokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token'

function readInCluster(root: string): PooledKubeConfig {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env
  if (!host || !port)
    throw new KubeconfigError(
      'this is no pod of a cluster: expected KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT in the environment; ' +
        'run inside a cluster, or name a kubeconfig with --kubeconfig FILE',
    )
  try {
    accessSync(`${root}${tokenFile}`, constants.R_OK)
  } catch (error) {
    throw new KubeconfigError(
      `the token of the service account cannot be read (${codeOf(error)}): expected it at ${tokenFile}; ` +
        'set automountServiceAccountToken: true in the pod, or name a kubeconfig with --kubeconfig FILE',
      { cause: error },
    )
  }
  const config = new PooledKubeConfig()
  config.loadFromCluster(root)
  return config
}

type FileAccess = Extract<KubernetesAccess, { kind: 'kubeconfig' }>

function readFile({ file, context }: FileAccess): PooledKubeConfig {
  const config = new PooledKubeConfig()
  try {
    config.loadFromFile(file)
  } catch (error) {
    // The parser's message may quote the file, and with it a key or a token.
    const reason = codeOf(error) ?? 'it is no kubeconfig'
    throw new KubeconfigError(
      `the kubeconfig ${file} cannot be read (${reason}); check --kubeconfig`,
    )
  }
  if (context !== undefined) config.setCurrentContext(context)
  if (config.getCurrentCluster() === null) throw noCluster(config, file)
  return config
}

function noCluster(config: PooledKubeConfig, file: string): KubeconfigError {
  const current = config.getCurrentContext()
  const names = config.getContexts().map(({ name }) => name)
  const found = current ? `no context "${current}" with a cluster` : 'no current context'
  return new KubeconfigError(
    `the kubeconfig ${file} has ${found}; choose one with --context: ${names.join(', ') || 'it has none'}`,
  )
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
