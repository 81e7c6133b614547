import { once } from 'node:events'
import { request } from 'node:https'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A replica as a Service sees it. */
export interface Endpoint {
  readonly port: number
}

/** Stands for a Service: new connections go, in turn, to the endpoints that are ready; old ones stay where they are. */
export interface LoadBalancer {
  readonly port: number
  add(endpoint: Endpoint): void
  /** Connections that every endpoint has taken so far. */
  connections(endpoint: Endpoint): number
  ready(): readonly Endpoint[]
  close(): Promise<void>
}

/** As a kubelet with `periodSeconds: 1` looks. */
const periodMs = 1000

const host = '127.0.0.1'

export async function startLoadBalancer(): Promise<LoadBalancer> {
  const endpoints = new Map<Endpoint, { isReady: boolean; taken: number }>()
  const sockets = new Set<Socket>()
  const ready = () => [...endpoints].filter(([, { isReady }]) => isReady).map(([each]) => each)
  let turn = 0
  const server = createServer(socket => {
    const all = ready()
    const endpoint = all[turn % all.length]
    turn += 1
    const state = endpoint && endpoints.get(endpoint)
    if (endpoint && state) {
      state.taken += 1
      join(socket, connect(endpoint.port, host), sockets)
      return
    }
    // A Service without endpoints refuses connections.
    socket.resetAndDestroy()
  })
  const timer = setInterval(() => {
    for (const [endpoint, state] of endpoints)
      void isReady(endpoint).then(isReady => (state.isReady = isReady))
  }, periodMs)
  server.listen(0, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    add: endpoint => void endpoints.set(endpoint, { isReady: false, taken: 0 }),
    connections: endpoint => endpoints.get(endpoint)?.taken ?? 0,
    ready,
    async close() {
      clearInterval(timer)
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** What one end closes or breaks, the other learns. */
function join(from: Socket, to: Socket, sockets: Set<Socket>): void {
  for (const [socket, other] of [
    [from, to],
    [to, from],
  ] as const) {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => other.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      other.end()
    })
    socket.pipe(other)
  }
}

async function isReady({ port }: Endpoint): Promise<boolean> {
  return (await readProbe(port, '/readyz')).status === 200
}

export interface ProbeAnswer {
  /** 0: none. */
  readonly status: number
  readonly text: string
}

/** Asks as a kubelet does, which does not look at the certificate. */
export function readProbe(port: number, path: string): Promise<ProbeAnswer> {
  return new Promise(resolve => {
    request({ host, port, path, agent: false, rejectUnauthorized: false, timeout: 2000 })
      .on('response', response => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('error', () => resolve({ status: 0, text }))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      .on('timeout', function abort(this: { destroy(): void }) {
        this.destroy()
      })
      .on('error', (error: NodeJS.ErrnoException) =>
        resolve({ status: 0, text: error.code ?? 'error' }),
      )
      .end()
  })
}
