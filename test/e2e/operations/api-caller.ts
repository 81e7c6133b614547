import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: unknown
}

export interface ApiReply {
  /** 0: none. */
  readonly status: number
  /** Without an answer, a Status that says why. */
  readonly body: unknown
}

/** Calls the API server as often as it takes, over connections that are kept: kubectl costs half a second of a processor. */
export interface ApiCaller {
  call(call: ApiCall): Promise<ApiReply>
  close(): void
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string }
  }[]
  readonly users: readonly { readonly user: { readonly token: string } }[]
}

/** Takes a kubeconfig that was written here: as JSON, and with a token. */
export async function openApiCaller(kubeconfig: string): Promise<ApiCaller> {
  const { clusters, users } = JSON.parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig
  const [entry, user] = [clusters[0], users[0]]
  if (!entry || !user) throw new Error(`${kubeconfig} names no cluster or no user`)
  const ca = Buffer.from(entry.cluster['certificate-authority-data'], 'base64')
  const agent = new Agent({ keepAlive: true, ca })
  const headers = { authorization: `Bearer ${user.user.token}`, accept: 'application/json' }
  return {
    call: ({ method, path, body }) =>
      new Promise(resolve => {
        const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
        request(`${entry.cluster.server}${path}`, {
          method,
          agent,
          headers: { ...headers, 'content-type': type },
        })
          .on('response', response => {
            let text = ''
            response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
            response.on('end', () =>
              resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }),
            )
          })
          .on('error', error =>
            resolve({ status: 0, body: { kind: 'Status', message: String(error) } }),
          )
          .end(body === undefined ? undefined : JSON.stringify(body))
      }),
    close: () => agent.destroy(),
  }
}

/** What a Status says, else nothing. */
export function messageOf({ body }: ApiReply): string {
  const { kind, message } = Object(body) as { readonly kind?: unknown; readonly message?: unknown }
  return kind === 'Status' && typeof message === 'string' ? message : ''
}
