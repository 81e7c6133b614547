import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'

export interface StoredObject {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly [field: string]: unknown
}

interface PatchOperation {
  readonly op: 'test' | 'add'
  readonly path: string
  readonly value: unknown
}

/** What a request gets instead of its answer. */
export type Refusal = (request: string) => number | null

/**
 * As much of an API server as certificates need: objects by their path, written only on top of the version that was
 * read, with the status codes of kube-apiserver, and a clock of its own.
 */
export class FakeCertificateApi {
  /** Every request as `METHOD path`, in order. */
  readonly requests: string[] = []
  readonly objects = new Map<string, StoredObject>()
  /** What the Date header says; null leaves it out. */
  now: () => Date | null = () => new Date()
  /** A status for requests that are to fail. */
  refuse: Refusal = () => null
  /** Comes between a request and its answer: what somebody else does in the meantime. */
  meanwhile: (request: string) => void = () => {}
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  #version = 1

  async listen(): Promise<void> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** A kubeconfig, as JSON, which is YAML. */
  kubeconfig(): string {
    const { port } = this.#server.address() as AddressInfo
    // The library speaks plain HTTP only when it need not verify anything.
    const cluster = { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true }
    return JSON.stringify({
      clusters: [{ name: 'fake', cluster }],
      users: [{ name: 'jane', user: {} }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'jane' } }],
      'current-context': 'fake',
    })
  }

  put(path: string, object: StoredObject): void {
    this.#version += 1
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) }
    this.objects.set(path, { ...object, metadata })
  }

  /** Changes an object as somebody else would. */
  edit(path: string, change: (object: StoredObject) => object): void {
    this.put(path, change(this.objects.get(path) as StoredObject) as StoredObject)
  }

  count(pattern: RegExp): number {
    return this.requests.filter(request => pattern.test(request)).length
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(String(request.url), 'http://fake')
    const name = `${request.method} ${pathname}`
    const body: unknown = JSON.parse((await text(request)) || 'null')
    this.requests.push(name)
    this.meanwhile(name)
    const refused = this.refuse(name)
    const [code, object] = refused === null ? this.#write(request, pathname, body) : [refused]
    const now = this.now()
    response.sendDate = false
    if (now) response.setHeader('date', now.toUTCString())
    response.writeHead(code, { 'content-type': 'application/json' })
    const status = { kind: 'Status', code, message: 'User "jane" of 10.0.0.7' }
    response.end(JSON.stringify(object ?? status))
  }

  #write(
    { method }: IncomingMessage,
    path: string,
    body: unknown,
  ): readonly [code: number, object?: StoredObject | undefined] {
    if (method === 'POST') {
      const created = body as StoredObject
      const createdPath = `${path}/${String(created.metadata['name'])}`
      if (this.objects.has(createdPath)) return [409]
      this.put(createdPath, created)
      return [201, this.objects.get(createdPath)]
    }
    const object = this.objects.get(path)
    if (!object) return [404]
    if (method === 'PUT') {
      const replacement = body as StoredObject
      if (replacement.metadata['resourceVersion'] !== object.metadata['resourceVersion'])
        return [409]
      this.put(path, replacement)
    }
    if (method === 'PATCH') {
      const patched = structuredClone(object)
      for (const { op, path: pointer, value } of body as readonly PatchOperation[]) {
        const keys = pointer.split('/').slice(1)
        const last = keys.pop() as string
        const parent = keys.reduce<Record<string, unknown>>(
          (node, key) => node[key] as Record<string, unknown>,
          patched,
        )
        if (op === 'test' && parent[last] !== value) return [422]
        parent[last] = value
      }
      this.put(path, patched)
    }
    return [200, this.objects.get(path)]
  }
}
