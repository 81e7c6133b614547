import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How a cluster is reached. */
export interface ClusterAddress {
  readonly url: string
  /** PEM of the authority behind its certificate. */
  readonly authority: string
}

/** Someone the API server knows by a token. */
export interface ClusterUser {
  readonly name: string
  readonly groups: readonly string[]
}

export interface TokenUser extends ClusterUser {
  readonly token: string
}

/** A user who may do everything: RBAC lets the group pass without a look at any role. */
export const admin: ClusterUser = { name: 'admin', groups: ['system:masters'] }

export function withToken(user: ClusterUser): TokenUser {
  return { ...user, token: randomBytes(24).toString('hex') }
}

/** The API server's static token file: one line of token, name, uid and groups for each user. */
export function formatTokenFile(users: readonly TokenUser[]): string {
  return users
    .map(({ token, name, groups }) => `${token},"${name}","${name}","${groups.join(',')}"\n`)
    .join('')
}

/** A kubeconfig with one context, as JSON, which is YAML. */
export function formatKubeconfig(cluster: ClusterAddress, token: string): string {
  const authority = Buffer.from(cluster.authority).toString('base64')
  const name = 'control-plane'
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: cluster.url, 'certificate-authority-data': authority } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  })
}

/** Resolves to the path of the file; only this user may read it. */
export async function writeKubeconfig(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, `${name.replaceAll(/[^\w.-]/g, '-')}.kubeconfig`)
  await writeFile(path, text, { mode: 0o600 })
  return path
}
