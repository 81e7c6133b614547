import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'

export interface HandshakesSeen {
  readonly done: number
  readonly failures: readonly string[]
  /** SHA-256 of each. */
  readonly certificates: ReadonlySet<string>
  /** SHA-256 of the authority of each. */
  readonly issuers: ReadonlySet<string>
}

/** New connections that go on until they are stopped. */
export interface Handshakes {
  /** SHA-256 of the last certificate that was met. */
  last(): string | null
  stop(): Promise<HandshakesSeen>
}

export interface HandshakesOptions {
  readonly port: number
  readonly serverName: string
  /** The authorities that an API server trusts (PEM). */
  readonly readBundle: () => Promise<string>
}

/** Between two handshakes. */
const pauseMs = 200

/**
 * An API server that keeps no connection: kept ones would hide most of a rotation. Each handshake trusts what the
 * webhook configuration held a moment before.
 */
export function watchHandshakes(options: HandshakesOptions): Handshakes {
  const [certificates, issuers] = [new Set<string>(), new Set<string>()]
  const failures: string[] = []
  const end = new AbortController()
  let done = 0
  let last: string | null = null
  const shake = async () => {
    const ca = await options.readBundle()
    try {
      const met = await meet(options, ca)
      done += 1
      last = met.certificate
      certificates.add(met.certificate)
      issuers.add(met.issuer)
    } catch (error) {
      failures.push(`${new Date().toISOString()} ${String(error)}`)
    }
  }
  const running = (async () => {
    while (!end.signal.aborted) {
      await shake()
      await sleep(pauseMs)
    }
  })()
  return {
    last: () => last,
    async stop() {
      end.abort()
      await running
      return { done, failures, certificates, issuers }
    },
  }
}

async function meet({ port, serverName }: HandshakesOptions, ca: string) {
  const socket = connect({ host: '127.0.0.1', port, ca, servername: serverName })
  try {
    await once(socket, 'secureConnect')
    const { fingerprint256, issuerCertificate } = socket.getPeerCertificate(true)
    return { certificate: fingerprint256, issuer: issuerCertificate.fingerprint256 }
  } finally {
    socket.destroy()
  }
}
