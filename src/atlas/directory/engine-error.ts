/**
 * The kinds of failure of the engine, named as Atlas's Go types. The recorded answers
 * in test/fixtures/vectors use the same names.
 */
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

/** Why a file that atlas.sum lists differs from the directory, in Atlas's own words. */
export type ChecksumReason = 'added' | 'edited' | 'removed'

/**
 * A failure of the engine, as a value: predicting the failure is this program's result, not an
 * error of it.
 */
export interface EngineError {
  readonly type: EngineErrorType
  /** The engine's message, byte for byte. For `panic` the text is made by this program. */
  readonly message: string
  /**
   * Only for ChecksumError: the 1-based line in atlas.sum, its byte position, the number of lines,
   * the file and the reason.
   */
  readonly checksum?: {
    readonly line: number
    readonly position: number
    readonly total: number
    readonly file: string
    readonly reason: ChecksumReason
  }
  /** Only for HistoryNonLinearError: names of files. */
  readonly nonLinear?: {
    readonly outOfOrder: readonly string[]
    readonly pending: readonly string[]
  }
}
