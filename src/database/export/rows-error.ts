import { CodedError } from '../../review/ports/coded-error.js'

/** A file of rows that cannot be used. The message names the file and its fields. Exit code 2. */
export class RowsError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_ROWS'
}
