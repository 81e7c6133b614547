import { CodedError } from '../../review/ports/coded-error.js'

/** What is to be consolidated cannot be read, so nothing can be decided; exit code 2. */
export class ConsolidationError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_CONSOLIDATION'
}
