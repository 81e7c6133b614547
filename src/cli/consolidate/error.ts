import { CodedError } from '../../review/ports/coded-error.js'

/** Something that is to be consolidated cannot be read, so nothing can be decided. Exit code 2. */
export class ConsolidationError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_CONSOLIDATION'
}

/** The output folder is there already, and nobody said that it may be replaced. Exit code 2. */
export class FolderExistsError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_OUTPUT_FOLDER'
}
