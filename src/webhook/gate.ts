import { type AddressInfo, isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { CertificateWatch } from './tls/certificate-watch.js'
import { type ClientOptions, readClientAuthority } from './tls/client-authority.js'
import { watchClientAuthority } from './tls/client-authority-watch.js'
import { drain } from './app/drain.js'
import { type Endpoint, formatEndpoint } from './endpoint.js'
import { ListenError } from './listen-error.js'
import { buildMetricsServer } from './metrics-server.js'
import { issueSelfSigned } from './tls/self-signed.js'
import { buildServer, type ServerDependencies } from './server.js'
import { type CertificateFiles, parseCertificatePair, readCertificatePair } from './tls/tls.js'

export interface GateOptions {
  readonly listen: Endpoint
  /** null: no metrics are served. */
  readonly metricsListen: Endpoint | null
  /**
   * null: a certificate is made in memory, and the gate gives out its authority. It can be
   * replaced.
   */
  readonly certificateFiles: CertificateFiles | null
  /**
   * The clients whose calls of /validate and /mutate are answered; absent: all that reach the port.
   */
  readonly clients?: ClientOptions | null
  /** How long calls are still served after a stop is asked for. */
  readonly drainDelayMs: number
  /** How long calls in flight may take after that. Default: longer than any review may take. */
  readonly maxDrainMs?: number
}

export type GateDependencies = Omit<ServerDependencies, 'certificate' | 'clients'>

/** The running servers. */
export interface Gate {
  /** Such as `https://127.0.0.1:8443`. */
  readonly url: string
  readonly metricsUrl: string | null
  /**
   * PEM of the authority to trust, as long as the served certificate is one that was made here;
   * else null.
   */
  readonly authority: string | null
  /**
   * Serves another pair (PEM) to new connections. Throws a CertificateError for one that TLS
   * refuses.
   */
  replaceCertificate(cert: string, key: string): void
  /** Whether connections are accepted. */
  isListening(): boolean
  /** Drains, then closes. Resolves when nothing listens any more. */
  stop(): Promise<void>
}

/** An API server gives up a call after at most 30 s. */
const defaultMaxDrainMs = 35_000

/** One year. A server with such a certificate is started again more often than that. */
const selfSignedDays = 365

/**
 * Starts the HTTPS server and the one of the metrics. Rejects with a ListenError or
 * CertificateError; nothing is left open then.
 */
export async function startGate(options: GateOptions, deps: GateDependencies): Promise<Gate> {
  const { pem, authority } = await obtainCertificate(options)
  const clients = options.clients ?? null
  const app = buildServer({
    ...deps,
    certificate: parseCertificatePair(pem.cert, pem.key),
    clients: clients && {
      authority: await readClientAuthority(clients.caFile),
      names: clients.names,
    },
  })
  const url = `https://${await listen(app, options.listen, '--listen')}`
  const metrics = await startMetrics(options, deps).catch(async (error: unknown) => {
    await app.close()
    throw error
  })
  const watches = watchFiles(options, app, deps)
  return {
    url,
    metricsUrl: metrics && metrics.url,
    authority,
    replaceCertificate(cert, key) {
      app.servingCertificate.replace(parseCertificatePair(cert, key))
      deps.metrics.countCertificateReload('loaded')
    },
    isListening: () => app.server.listening,
    async stop() {
      for (const watch of watches) watch.close()
      const maxMs = options.maxDrainMs ?? defaultMaxDrainMs
      const cut = await drain(app, { delayMs: options.drainDelayMs, maxMs })
      if (cut > 0)
        deps.log.warn({ connections: cut }, 'connections were cut after the longest drain')
      await metrics?.app.close()
    },
  }
}

async function obtainCertificate({ certificateFiles, listen }: GateOptions) {
  if (certificateFiles) return { pem: await readCertificatePair(certificateFiles), authority: null }
  const issued = await issueSelfSigned({
    dnsNames: isIP(listen.host) === 0 ? [listen.host] : [],
    ipAddresses: isIP(listen.host) === 0 ? [] : [withoutZone(listen.host)],
    days: selfSignedDays,
  })
  return { pem: issued, authority: issued.ca }
}

/**
 * The address without a zone. A certificate names `fe80::1`, and the network card behind it
 * (`%eth0`) matters only on this machine.
 */
function withoutZone(address: string): string {
  return address.replace(/%.*/, '')
}

/** Follows the files that the options name. */
function watchFiles(
  { certificateFiles, clients }: GateOptions,
  app: ReturnType<typeof buildServer>,
  { log, metrics }: GateDependencies,
): readonly { close(): void }[] {
  const parts = { certificate: app.servingCertificate, log, metrics }
  return [
    ...(certificateFiles ? [new CertificateWatch({ files: certificateFiles, ...parts })] : []),
    ...(clients
      ? [
          watchClientAuthority({
            file: clients.caFile,
            onReplaced: () => app.connections.retire(),
            ...parts,
          }),
        ]
      : []),
  ]
}

async function startMetrics({ metricsListen }: GateOptions, deps: GateDependencies) {
  if (metricsListen === null) return null
  const app = buildMetricsServer(deps)
  return { app, url: `http://${await listen(app, metricsListen, '--metrics-listen')}` }
}

type Listening = Pick<FastifyInstance, 'listen' | 'close'> & {
  readonly server: { address(): AddressInfo | string | null }
}

/**
 * Listens.
 * @returns the address as `host:port`, with the port that the system chose when port 0 was asked
 * for.
 */
async function listen(app: Listening, endpoint: Endpoint, option: string): Promise<string> {
  try {
    await app.listen({ ...endpoint })
  } catch (error) {
    await app.close()
    throw new ListenError({ endpoint, option, cause: error })
  }
  const { port } = app.server.address() as AddressInfo
  return formatEndpoint({ host: endpoint.host, port })
}
