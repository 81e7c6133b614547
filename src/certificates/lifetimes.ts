/** How long certificates live and when they are looked at. Milliseconds. */
export interface CertificateTiming {
  /** Life of an authority. Its last third must be longer than a leaf's life. */
  readonly authorityMs: number
  readonly leafMs: number
  /** How far a certificate's notBefore lies before its issue. */
  readonly backdateMs: number
  /** How long an authority has to be trusted everywhere before it signs, and a stranger may stay in a caBundle. */
  readonly overlapMs: number
  /** Between two looks at the Secret and the webhook configurations. */
  readonly intervalMs: number
  /** How long one look may take. */
  readonly lookMs: number
}

const dayMs = 86_400_000

export const defaultTiming: CertificateTiming = {
  // Renewed in its last third (122 days): a leaf that it signs until then lives its 90 days in full, and has
  // expired when the authority has and leaves the bundle.
  authorityMs: 365 * dayMs,
  // As cert-manager's default. Renewed in the last third: 30 days to notice that it does not work.
  leafMs: 90 * dayMs,
  // API servers of one cluster, and whoever tries with curl, may be an hour behind: a time zone set wrongly.
  backdateMs: 3_600_000,
  // An API server that has not seen a change in etcd for five minutes is not one that admits anything.
  overlapMs: 300_000,
  // Three reads by name. It is also how long an emptied caBundle stays empty, and writes fail, at most.
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
