import { CodedError } from '../../review/ports/coded-error.js'

/** Manifests with mistakes. The message has a line for each. Exit code 2. */
export class ManifestsError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_MANIFESTS'
}
