import type { FastifyInstance } from 'fastify'
import type { ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import type { Connections } from './connections.js'
import type { DrainState } from '../readiness/drain-state.js'
import type { ServingCertificate } from '../tls/serving-certificate.js'

/** The HTTPS server behind /validate, with what draining and replacing a certificate need. */
export type WebhookServer = FastifyInstance<Server>

declare module 'fastify' {
  interface FastifyInstance {
    drainState: DrainState
    connections: Connections
    /** The certificate in use; a CertificateWatch replaces it. */
    servingCertificate: ServingCertificate
  }
  interface FastifyRequest {
    /** performance.now() when a review arrived. */
    arrivedAt: number
    /** Whether only the head of the body was parsed: see body-parser. */
    isOversized: boolean
    response: ServerResponse | null
  }
}
