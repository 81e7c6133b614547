import { CodedError } from '../../review/ports/coded-error.js'

/** The database that a command is about cannot be read. Exit code 2. */
export class DatabaseReadError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_DATABASE'

  /** `source` is the variable or file that holds its URL. */
  constructor(source: string, why: string) {
    super(`${source}: ${why}`)
  }
}
