/** How long certificates live, and how often they are looked at. All in milliseconds. */
export interface CertificateTiming {
  /** Life of an authority. Its last third must be longer than the life of a leaf. */
  readonly authorityMs: number
  readonly leafMs: number
  /** How far the notBefore of a certificate lies before its issue. */
  readonly backdateMs: number
  /** How long an authority has to be trusted everywhere before it signs. */
  readonly overlapMs: number
  /** Pause between two looks at the Secret and the webhook configurations. */
  readonly intervalMs: number
  /** Time limit for one look. */
  readonly lookMs: number
}

const dayMs = 86_400_000

export const defaultTiming: CertificateTiming = {
  // It is renewed in its last third (122 days). A leaf that it signs before lives its 90 days in
  // full, and has expired when the authority has and leaves the bundle.
  authorityMs: 365 * dayMs,
  // cert-manager's default. It is renewed in the last third, which leaves 30 days to notice that
  // renewing fails.
  leafMs: 90 * dayMs,
  // The clocks of a cluster's API servers, and of a person with curl, may be an hour behind, for
  // example in a wrong time zone.
  backdateMs: 3_600_000,
  // An API server that has not seen a change in etcd for five minutes admits nothing any more.
  overlapMs: 300_000,
  // Three reads by name. An emptied caBundle stays empty, and writes to the cluster fail, at most
  // this long.
  intervalMs: 10_000,
  lookMs: 30_000,
}

/** Whether the last third of a life has begun. */
export function isDue(expiresAt: Date, { lifeMs, now }: { lifeMs: number; now: Date }): boolean {
  return expiresAt.getTime() - now.getTime() < lifeMs / 3
}

export function isExpired(expiresAt: Date, now: Date): boolean {
  return expiresAt.getTime() <= now.getTime()
}
