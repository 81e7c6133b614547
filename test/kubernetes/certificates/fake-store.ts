import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StoreRequest {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly contentType: string | undefined
  readonly body: Readonly<Record<string, unknown>> | null
}

/** A status in place of the answer, a connection that breaks, or no answer. */
export type StoreFault = number | 'reset' | 'hang'

type Stored = Readonly<Record<string, unknown>> & { readonly metadata: object }

/**
 * As much of an API server as is written to: POST (409 when it is there), PUT (409 unless the resourceVersion is the
 * stored one), PATCH (404 unless it is there or applied), GET.
 */
export class FakeStore {
  readonly requests: StoreRequest[] = []
  readonly objects = new Map<string, unknown>()
  /** Asked first; undefined: the real answer. */
  fault: (request: StoreRequest) => StoreFault | undefined = () => undefined
  readonly #server: Server
  #version = 0

  constructor() {
    this.#server = createServer((request, response) => void this.#receive(request, response))
  }

  async listen(): Promise<void> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  kubeconfig(namespace?: string): string {
    const { port } = this.#server.address() as AddressInfo
    const server = `http://127.0.0.1:${port}`
    const context = { cluster: 'fake', user: 'jane', ...(namespace && { namespace }) }
    return JSON.stringify({
      clusters: [{ name: 'fake', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'jane', user: { token: 'sesame' } }],
      contexts: [{ name: 'fake', context }],
      'current-context': 'fake',
    })
  }

  /** Requests as `METHOD path`. */
  lines(): readonly string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`)
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const request: StoreRequest = {
      method: String(incoming.method),
      path: String(incoming.url),
      contentType: incoming.headers['content-type'],
      body: text === '' ? null : (JSON.parse(text) as Readonly<Record<string, unknown>>),
    }
    this.requests.push(request)
    const fault = this.fault(request)
    if (fault === 'hang') return
    if (fault === 'reset') {
      incoming.socket.destroy()
      return
    }
    const { status, body } = fault === undefined ? this.#answer(request) : answerOf(fault)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  }

  #answer({ method, path, contentType, body }: StoreRequest) {
    const [key = ''] = path.split('?')
    const stored = this.objects.get(key) as Stored | undefined
    if (method === 'GET') return stored ? answerOf(200, stored) : answerOf(404)
    const object = body as Stored
    if (method === 'POST') {
      const { name } = object.metadata as { readonly name: string }
      return this.objects.has(`${key}/${name}`)
        ? answerOf(409)
        : this.#store(`${key}/${name}`, object)
    }
    if (method === 'PUT') {
      /* c8 ignore next 2 - whether two writers meet is up to the machine */
      const isCurrent = versionOf(stored) === versionOf(object)
      return isCurrent ? this.#store(key, object) : answerOf(409)
    }
    if (contentType === 'application/apply-patch+yaml') return this.#store(key, object)
    return stored ? this.#store(key, { ...stored, ...object }) : answerOf(404)
  }

  #store(key: string, object: Stored) {
    this.#version += 1
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) }
    const stored = { ...object, metadata }
    this.objects.set(key, stored)
    return answerOf(201, stored)
  }
}

function answerOf(status: number, body: unknown = { kind: 'Status', code: status }) {
  return { status, body }
}

function versionOf(object: Stored | undefined): unknown {
  const { resourceVersion } = Object(object?.metadata) as { readonly resourceVersion?: string }
  return resourceVersion
}
