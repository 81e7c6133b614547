import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

export interface FakeObject {
  readonly metadata: {
    readonly namespace: string
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
  }
}

/** What a request gets instead of its answer: a status, a body, a connection that breaks, or nothing. */
export type Fault = number | { readonly body: string } | 'reset' | 'hang'

type RequestKind = 'list' | 'watch' | 'get' | 'table' | 'selection'

const collection = /^\/apis\/db\.atlasgo\.io\/v1alpha1(?:\/namespaces\/([^/]+))?\/atlasmigrations$/
const configMaps = /\/configmaps$/

interface Watcher {
  readonly response: ServerResponse
  readonly namespace: string | undefined
}

interface WatchEvent {
  readonly version: number
  readonly type: string
  readonly object: unknown
  readonly namespace: string
}

/**
 * As much of an API server as the adapter asks for: paged lists and watches of AtlasMigrations with the versions,
 * events, bookmarks and errors of kube-apiserver, ConfigMaps and Secrets by name, tables of ConfigMaps, and the
 * metadata of those with a label.
 */
export class FakeApiServer {
  /** Every request as `METHOD path?query`, in order. */
  readonly requests: string[] = []
  /** Connections that were accepted. */
  connections = 0
  /** The only one that is let in. */
  token = 'sesame'
  /** Objects in a page, however many are asked for. */
  pageSize = 500
  readonly #server
  readonly #objects = new Map<string, FakeObject>()
  readonly #core = new Map<string, unknown>()
  readonly #faults = new Map<RequestKind, Fault[]>()
  readonly #watchers = new Set<Watcher>()
  readonly #sockets = new Set<Socket>()
  #history: WatchEvent[] = []
  #version = 1000
  #compactedAt = 0

  constructor(tls?: ServerOptions) {
    const listener = (request: IncomingMessage, response: ServerResponse) =>
      this.#answer(request, response)
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener)
    this.#server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.connections += 1
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  async listen(): Promise<void> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.cutConnections()
    this.#server.close()
  }

  /** A kubeconfig, as JSON, which is YAML. */
  kubeconfig(authority?: string): string {
    const server = `${authority ? 'https' : 'http'}://127.0.0.1:${this.port}`
    const trust = authority
      ? { 'certificate-authority-data': Buffer.from(authority).toString('base64') }
      : { 'insecure-skip-tls-verify': true }
    return JSON.stringify({
      clusters: [{ name: 'fake', cluster: { server, ...trust } }],
      users: [{ name: 'jane', user: { token: 'sesame' } }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'jane' } }],
      'current-context': 'fake',
    })
  }

  /** Creates or updates an AtlasMigration. */
  put(object: FakeObject): void {
    const key = keyOf(object)
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED'
    this.#version += 1
    const stored = versioned(object, this.#version)
    this.#objects.set(key, stored)
    this.#publish(type, stored)
  }

  remove(namespace: string, name: string): void {
    const object = this.#objects.get(`${namespace}/${name}`) as FakeObject
    this.#objects.delete(keyOf(object))
    this.#version += 1
    this.#publish('DELETED', versioned(object, this.#version))
  }

  /** Changes without an event: what a watch misses while it is broken and its version is compacted. */
  silently(change: (objects: Map<string, FakeObject>) => void): void {
    change(this.#objects)
    this.#version += 1
  }

  putCore(resource: 'configmaps' | 'secrets', object: FakeObject): void {
    const { namespace, name } = object.metadata
    this.#core.set(`/api/v1/namespaces/${namespace}/${resource}/${name}`, object)
  }

  /** The next requests of a kind get these in place of their answers. */
  fail(kind: RequestKind, ...faults: readonly Fault[]): void {
    this.#faults.set(kind, [...(this.#faults.get(kind) ?? []), ...faults])
  }

  /** Ends what `fail` has begun. */
  heal(): void {
    this.#faults.clear()
  }

  /** A line to every watch. */
  send(line: string): void {
    for (const { response } of this.#watchers) response.write(`${line}\n`)
  }

  bookmark(): void {
    this.#version += 1
    const metadata = { resourceVersion: String(this.#version), creationTimestamp: null }
    this.send(JSON.stringify({ type: 'BOOKMARK', object: { metadata } }))
  }

  /** An ERROR event with a metav1.Status, after which the stream ends. */
  sendError(code: number): void {
    this.send(JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code } }))
    this.endWatches()
  }

  /** Forgets all events so far: a watch from before gets 410. */
  compact(): void {
    this.#history = []
    this.#compactedAt = this.#version
  }

  endWatches(): void {
    for (const { response } of this.#watchers) response.end()
  }

  cutConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  get watches(): number {
    return this.#watchers.size
  }

  countRequests(pattern: RegExp): number {
    return this.requests.filter(request => pattern.test(request)).length
  }

  #publish(type: string, object: FakeObject): void {
    const { namespace } = object.metadata
    const event = { version: this.#version, type, object, namespace }
    this.#history.push(event)
    for (const watcher of this.#watchers) sendEvent(watcher, event)
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(String(request.url), 'http://fake')
    this.requests.push(`${request.method} ${url.pathname}${url.search}`)
    const kind = kindOf(url)
    if (request.headers.authorization !== `Bearer ${this.token}`) return answerStatus(response, 401)
    const fault = this.#faults.get(kind)?.shift()
    if (fault !== undefined) return answerFault(response, fault)
    if (kind === 'list') return this.#answerList(url, response)
    if (kind === 'watch') return this.#answerWatch(url, response)
    if (kind === 'table') return this.#answerTable(url, response)
    if (kind === 'selection') return this.#answerSelection(url, response)
    const object = this.#core.get(url.pathname)
    return object ? answerJson(response, object) : answerStatus(response, 404)
  }

  #answerList({ pathname, searchParams }: URL, response: ServerResponse): void {
    const namespace = collection.exec(pathname)?.[1]
    const objects = [...this.#objects.values()].filter(
      ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
    )
    const from = Number(searchParams.get('continue'))
    const to = from + Math.min(Number(searchParams.get('limit')), this.pageSize)
    const more = to < objects.length ? { continue: String(to) } : {}
    const metadata = { resourceVersion: String(this.#version), ...more }
    answerJson(response, { metadata, items: objects.slice(from, to) })
  }

  #answerWatch({ pathname, searchParams }: URL, response: ServerResponse): void {
    const watcher = { response, namespace: collection.exec(pathname)?.[1] }
    const since = Number(searchParams.get('resourceVersion'))
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    if (since < this.#compactedAt) {
      const object = { kind: 'Status', code: 410, reason: 'Expired' }
      response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`)
      return
    }
    for (const event of this.#history) if (event.version > since) sendEvent(watcher, event)
    this.#watchers.add(watcher)
    response.on('close', () => this.#watchers.delete(watcher))
  }

  #answerSelection({ pathname, searchParams }: URL, response: ServerResponse): void {
    const [label, value] = String(searchParams.get('labelSelector')).split('=') as [string, string]
    const items = [...this.#core].flatMap(([path, object]) => {
      const { metadata } = object as FakeObject
      return path.startsWith(`${pathname}/`) && metadata.labels?.[label] === value
        ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
        : []
    })
    answerJson(response, { kind: 'PartialObjectMetadataList', items })
  }

  /** Without objects, as kubectl's `includeObject=None` asks for. */
  #answerTable({ pathname }: URL, response: ServerResponse): void {
    const start = `${pathname}/`
    const names = [...this.#core.keys()].flatMap(key =>
      key.startsWith(start) ? key.slice(start.length) : [],
    )
    answerJson(response, { kind: 'Table', rows: names.map(name => ({ cells: [name, 1, '5d'] })) })
  }
}

function kindOf({ pathname, searchParams }: URL): RequestKind {
  if (collection.test(pathname)) return searchParams.get('watch') === 'true' ? 'watch' : 'list'
  if (!configMaps.test(pathname)) return 'get'
  return searchParams.has('labelSelector') ? 'selection' : 'table'
}

function keyOf({ metadata }: FakeObject): string {
  return `${metadata.namespace}/${metadata.name}`
}

function versioned(object: FakeObject, version: number): FakeObject {
  const metadata = { ...object.metadata, resourceVersion: String(version) }
  return { ...object, metadata }
}

function sendEvent({ response, namespace }: Watcher, event: WatchEvent): void {
  if (namespace !== undefined && namespace !== event.namespace) return
  const { type, object } = event
  response.write(`${JSON.stringify({ type, object })}\n`)
}

function answerJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function answerStatus(response: ServerResponse, code: number): void {
  const body = { kind: 'Status', status: 'Failure', code, message: 'User "jane" of 10.0.0.7' }
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function answerFault(response: ServerResponse, fault: Fault): void {
  if (fault === 'reset') response.socket?.destroy()
  else if (typeof fault === 'number') answerStatus(response, fault)
  else if (fault !== 'hang')
    response.writeHead(200, { 'content-type': 'application/json' }).end(fault.body)
}
