import { CodedError } from '../../review/ports/coded-error.js'

/**
 * Every code of an HTTP error of this server, with its HTTP status. The list also limits the values
 * of the metric's label.
 */
const requestErrorStatus = {
  ATLAS_ADMISSION_NOT_JSON: 400,
  ATLAS_ADMISSION_REVIEW_VERSION: 400,
  ATLAS_ADMISSION_REVIEW_INVALID: 400,
  ATLAS_ADMISSION_OBJECT_MISSING: 400,
  ATLAS_ADMISSION_BODY_INCOMPLETE: 400,
  ATLAS_ADMISSION_BAD_HTTP: 400,
  ATLAS_ADMISSION_CLIENT_CERTIFICATE: 401,
  ATLAS_ADMISSION_CLIENT_REFUSED: 403,
  ATLAS_ADMISSION_NOT_FOUND: 404,
  ATLAS_ADMISSION_METHOD_NOT_ALLOWED: 405,
  ATLAS_ADMISSION_REQUEST_TIMEOUT: 408,
  ATLAS_ADMISSION_BODY_TOO_LARGE: 413,
  ATLAS_ADMISSION_CONTENT_TYPE: 415,
  ATLAS_ADMISSION_HEADERS_TOO_LARGE: 431,
  ATLAS_ADMISSION_INTERNAL: 500,
  ATLAS_ADMISSION_OVERLOADED: 503,
  // Not 408: an API server tries again after a 503 with Retry-After, and fails the write otherwise.
  ATLAS_ADMISSION_BODY_SLOW: 503,
  ATLAS_ADMISSION_NOT_READY: 503,
} as const

export type RequestErrorCode = keyof typeof requestErrorStatus

/**
 * A call that is answered with an HTTP status and one line of JSON, instead of an AdmissionReview.
 */
export class RequestError extends CodedError {
  override readonly code: RequestErrorCode

  constructor(code: RequestErrorCode, message: string) {
    super(message)
    this.code = code
  }

  get status(): number {
    return requestErrorStatus[this.code]
  }

  /** The body of the answer. It is one line, so that `curl` and a log show it whole. */
  toLine(): string {
    return `${JSON.stringify({ code: this.code, message: this.message })}\n`
  }
}
