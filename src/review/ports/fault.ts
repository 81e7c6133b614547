/** What our own code failed at. For metrics, so there are few. */
export type FaultPart = 'reading' | 'rule' | 'sharing' | 'rewrite' | 'audit' | 'process'

/** An error that no port declares: a mistake of ours. Only what rests on that part is left undecided. */
export interface Fault {
  readonly part: FaultPart
  /** The object, and what was looked at of it. Has names from outside. */
  readonly where: string
  readonly error: unknown
}

export type FaultListener = (fault: Fault) => void

/** For callers whose own output says that a part is missing. */
export const ignoreFault: FaultListener = () => undefined

export const faultReason = 'atlas-admission failed at it, which its log explains'

export const lateReason = 'the time limit has passed'
