import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

/** Stands between the reader and a server, to count what the reader sends or to spoil it. */
export interface TcpProxy {
  readonly port: number
  /** Writes of the client so far. */
  readonly sent: () => number
  /** Answers a request for TLS with "no", as a server without TLS does. */
  refuseTls: boolean
  /** Cuts the connection at the client's next write instead of passing it on. */
  cutNext: boolean
  /** Swallows everything from now on, on every connection. */
  silent: boolean
}

/** The message that asks for TLS: its length, then 80877103. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

export async function startTcpProxy(t: Test, serverPort: number): Promise<TcpProxy> {
  let sent = 0
  const sockets = new Set<Socket>()
  const listener = createServer(client => {
    const server = connect(serverPort, '127.0.0.1')
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (data: Buffer) => {
      sent++
      if (proxy.silent) return
      if (proxy.refuseTls && data.equals(sslRequest)) client.write('N')
      else if (proxy.cutNext) {
        proxy.cutNext = false
        client.destroy()
        server.destroy()
      } else server.write(data)
    })
    server.on('data', (data: Buffer) => {
      if (!proxy.silent) client.write(data)
    })
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  t.teardown(() => {
    listener.close()
    for (const socket of sockets) socket.destroy()
  })
  const proxy: TcpProxy = {
    port: (listener.address() as AddressInfo).port,
    sent: () => sent,
    refuseTls: false,
    cutNext: false,
    silent: false,
  }
  return proxy
}
