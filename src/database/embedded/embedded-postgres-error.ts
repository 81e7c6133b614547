import { CodedError } from '../../review/ports/coded-error.js'

/** The built-in PostgreSQL server could not be prepared or started. */
export class EmbeddedPostgresError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_EMBEDDED_POSTGRES'
}
