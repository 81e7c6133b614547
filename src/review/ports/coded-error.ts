/**
 * A deliberate error: something could not be decided or done. Its code is stable and documented.
 * Its message says what failed, what was expected, what was found and the way out, and holds no
 * secret.
 */
export abstract class CodedError extends Error {
  /** `ATLAS_ADMISSION_…`, stable across versions. */
  abstract readonly code: string

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}
