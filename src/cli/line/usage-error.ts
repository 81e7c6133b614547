import { CodedError } from '../../review/ports/coded-error.js'

/** The command line or its environment cannot be understood. Exit code 2. */
export class UsageError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_USAGE'
}
