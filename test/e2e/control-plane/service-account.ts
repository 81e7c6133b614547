import type { ControlPlane } from './control-plane.js'
import { writeKubeconfig } from './kubeconfig.js'
import { kubectlOutput } from './kubectl.js'

export interface ServiceAccount {
  readonly namespace: string
  readonly name: string
}

/**
 * Path of a kubeconfig for a service account that exists; its token holds for an hour. The namespace of its context is
 * that of the account, as in a pod.
 */
export async function serviceAccountKubeconfig(
  { kubectl, folder }: ControlPlane,
  { namespace, name }: ServiceAccount,
): Promise<string> {
  const create = ['create', 'token', name, `--namespace=${namespace}`, '--duration=1h']
  const token = await kubectlOutput(kubectl, create)
  const view = ['config', 'view', '--raw', '--minify', '--flatten', '--output=json']
  const config = JSON.parse(await kubectlOutput(kubectl, view)) as ViewedConfig
  const users = config.users.map(user => ({ name: user.name, user: { token: token.trim() } }))
  const contexts = config.contexts.map(({ name, context }) => ({
    name,
    context: { ...context, namespace },
  }))
  const text = JSON.stringify({ ...config, users, contexts })
  return writeKubeconfig(folder, `${namespace}-${name}`, text)
}

interface ViewedConfig {
  readonly users: readonly { readonly name: string }[]
  readonly contexts: readonly { readonly name: string; readonly context: object }[]
}
