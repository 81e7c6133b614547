import type { ControlPlane } from './control-plane.js'
import { writeKubeconfig } from './kubeconfig.js'
import { kubectlOutput } from './kubectl.js'

export interface ServiceAccount {
  readonly namespace: string
  readonly name: string
}

/** Path of a kubeconfig for a service account that exists; its token holds for an hour. */
export async function serviceAccountKubeconfig(
  { kubectl, folder }: ControlPlane,
  { namespace, name }: ServiceAccount,
): Promise<string> {
  const create = ['create', 'token', name, `--namespace=${namespace}`, '--duration=1h']
  const token = await kubectlOutput(kubectl, create)
  const view = ['config', 'view', '--raw', '--minify', '--flatten', '--output=json']
  const config = JSON.parse(await kubectlOutput(kubectl, view)) as { users: { name: string }[] }
  const users = config.users.map(user => ({ name: user.name, user: { token: token.trim() } }))
  return writeKubeconfig(folder, `${namespace}-${name}`, JSON.stringify({ ...config, users }))
}
