import { CodedError } from '../../review/ports/coded-error.js'

/** The API server has answered with an error. */
export class ApiStatusError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_API_STATUS'
  /** The HTTP status, or the code of a metav1.Status. The library looks for 410 under this name. */
  readonly statusCode: number

  constructor(statusCode: number) {
    super(`the API server answered ${statusCode}`)
    this.statusCode = statusCode
  }
}
