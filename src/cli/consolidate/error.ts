import { CodedError } from '../../review/ports/coded-error.js'

/** Something that is to be consolidated cannot be read, so nothing can be decided. Exit code 2. */
export class ConsolidationError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_CONSOLIDATION'
}
