import type { Logger } from 'pino'
import { request } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { AdmissionAnswer, AdmissionRequest } from '../../src/review/ports/admission.js'
import { untouched } from '../../src/review/rewriter.js'
import type { Deadline } from '../../src/review/ports/ports.js'
import { buildLogger } from '../../src/webhook/logger.js'
import { Metrics } from '../../src/webhook/metrics/metrics.js'
import { issueSelfSigned } from '../../src/webhook/tls/self-signed.js'
import { buildServer, type ServerDependencies } from '../../src/webhook/server.js'
import { parseCertificatePair } from '../../src/webhook/tls/tls.js'
import type { WebhookServer } from '../../src/webhook/app/webhook-server.js'

export const issued = await issueSelfSigned({ dnsNames: [], ipAddresses: [], days: 1 })
export const pair = parseCertificatePair(issued.cert, issued.key)

export const pass: AdmissionAnswer = {
  verdict: 'pass',
  allowed: true,
  warnings: [],
  auditAnnotations: {},
  findings: [],
}

export const undecided: AdmissionAnswer = {
  ...pass,
  verdict: 'error',
  warnings: ['could not decide'],
}

export type Review = (
  request: AdmissionRequest,
  deadline: Deadline,
) => AdmissionAnswer | Promise<AdmissionAnswer>

export interface TestServer {
  readonly app: WebhookServer
  readonly metrics: Metrics
  readonly log: Logger
  /** Every line logged so far, as text. */
  readonly lines: string[]
  /** The samples of one metric, in the exposition format. */
  readonly samples: (name: string) => Promise<string[]>
}

/** The real server, log and metrics around a review that the test gives. */
export function buildTestServer(
  review: Review,
  overrides: Partial<ServerDependencies> = {},
): TestServer {
  const lines: string[] = []
  const log = buildLogger({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const metrics = new Metrics({ version: '1.2.3', processMetrics: false })
  const app = buildServer({
    reviewer: { review: async (request, deadline) => review(request, deadline) },
    rewriter: { review: async () => untouched },
    onFailure: () => undecided,
    log,
    metrics,
    certificate: pair,
    checks: { startup: [], readiness: [] },
    ...overrides,
  })
  const samples = async (name: string) =>
    (await metrics.text()).split('\n').filter(line => line.startsWith(name))
  return { app, metrics, log, lines, samples }
}

/** A review as small as one can be. */
export function reviewOf(request: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      kind: { group: 'db.atlasgo.io', version: 'v1alpha1', kind: 'AtlasMigration' },
      operation: 'CREATE',
      namespace: 'shop',
      name: 'schema',
      object: {},
      ...request,
    },
  }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** One call over HTTPS to a server that listens on 127.0.0.1. */
export function call(app: WebhookServer, options: RequestOptions, body = ''): Promise<Answer> {
  const { port } = app.server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, ca: issued.ca, ...options }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode as number,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

export const postReview = {
  method: 'POST',
  path: '/validate?timeout=5s',
  headers: { 'content-type': 'application/json' },
}
