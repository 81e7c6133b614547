/** The kinds of failure of the engine, named as in Atlas's Go types (the oracle uses the same names). */
export type EngineErrorType =
  | 'ErrChecksumNotFound'
  | 'ErrChecksumFormat'
  | 'ErrChecksumMismatch'
  | 'ChecksumError'
  | 'HistoryNonLinearError'
  | 'MissingMigrationError'
  | 'NotCleanError'
  | 'HistoryChangedError'
  | 'ErrNoPendingFiles'
  | 'BaselineNotFound'
  | 'ConfigError'
  | 'ChecksumNotFoundForFile'
  | 'ScanError'
  | 'StatusFileNotFound'
  | 'TxModeError'
  | 'IdentifierRow'
  | 'panic'
  | 'other'

/** Why a listed file differs from the directory (Atlas's own words). */
export type ChecksumReason = 'added' | 'edited' | 'removed'

/** An outcome of the engine that is not a plan. A value: the engine's failure is our result. */
export interface EngineError {
  readonly type: EngineErrorType
  /** The engine's message to the byte; for `panic` the text is free. */
  readonly message: string
  /** Only for ChecksumError: line in atlas.sum (1-based), its byte position, listed lines, file and reason. */
  readonly checksum?: {
    readonly line: number
    readonly position: number
    readonly total: number
    readonly file: string
    readonly reason: ChecksumReason
  }
  /** Only for HistoryNonLinearError: file names. */
  readonly nonLinear?: {
    readonly outOfOrder: readonly string[]
    readonly pending: readonly string[]
  }
}
