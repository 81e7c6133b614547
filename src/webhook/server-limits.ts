import {
  MAX_ARRIVED_BYTES,
  MAX_REVIEWED_BYTES,
  MAX_REVIEWED_BYTES_OF_ADDRESS,
} from './body/body-limit.js'
import { type BodyTiming, defaultBodyTiming } from './body/body-reader.js'
import type { ConnectionLimits } from './app/connections.js'
import type { ReviewMemoryLimits } from './body/review-memory.js'

export interface ServerLimits {
  /** Most reviews at the same time. More are answered 503 with Retry-After. */
  readonly maxReviews: number
  readonly maxArrivedBytes: number
  readonly memory: ReviewMemoryLimits
  readonly body: BodyTiming
  readonly connections: ConnectionLimits
  readonly keepAliveTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly requestTimeoutMs: number
  /** How often the two limits above are checked. Each takes effect up to this much later. */
  readonly connectionsCheckMs: number
  /** Most bytes of a request's line and headers together. */
  readonly maxHeaderSize: number
}

/** kube-apiserver handles 200 changing requests at a time (--max-mutating-requests-inflight). */
const maxReviews = 200

export const defaultServerLimits: ServerLimits = {
  maxReviews,
  maxArrivedBytes: MAX_ARRIVED_BYTES,
  memory: {
    maxBytes: MAX_REVIEWED_BYTES,
    maxBytesOfAddress: MAX_REVIEWED_BYTES_OF_ADDRESS,
    maxWaitMs: 2000,
  },
  body: defaultBodyTiming,
  connections: {
    // One for each review of an API server, and as many again for others. Each takes some 60 KiB of
    // memory.
    max: 2 * maxReviews + 112,
    // Behind a proxy (konnectivity) all API servers have one address.
    maxOfAddress: maxReviews + 56,
    // A handshake and a header take a round trip or two each, and a machine may be busy.
    unusedMs: 10_000,
  },
  // kube-apiserver closes idle connections after 90 s (client-go's transport). If the server closed
  // first, a call would fail now and then, because kube-apiserver does not repeat a POST on a
  // connection that broke.
  keepAliveTimeoutMs: 95_000,
  headersTimeoutMs: 10_000,
  // A webhook call is given up after at most 30 s (timeoutSeconds).
  requestTimeoutMs: 30_000,
  connectionsCheckMs: 1_000,
  // kube-apiserver's headers take some 500 bytes.
  maxHeaderSize: 8 * 1024,
}
