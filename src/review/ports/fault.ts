/** What the program failed at. It is a label of a metric, so there are only a few. */
export type FaultPart = 'reading' | 'rule' | 'sharing' | 'rewrite' | 'audit' | 'process'

/**
 * An error that no port declares, which is a mistake in this program. Only what rests on the failed
 * part is left undecided.
 */
export interface Fault {
  readonly part: FaultPart
  /**
   * The object, and what was being read of it. Holds names from outside, so it is to be sanitized.
   */
  readonly where: string
  readonly error: unknown
}

export type FaultListener = (fault: Fault) => void

/** For callers whose own output says that something is missing. */
export const ignoreFault: FaultListener = () => undefined

export const faultReason = 'atlas-admission failed at it, which its log explains'

export const lateReason = 'the time limit has passed'
