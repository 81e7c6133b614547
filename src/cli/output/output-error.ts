import { CodedError } from '../../review/ports/coded-error.js'

/**
 * Standard output does not take the answer, for example because the disk is full. Half of an answer
 * counts as none.
 */
export class OutputError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_OUTPUT'
}

/** Codes of a pipe, a terminal or a socket whose other end is gone. */
const goneCodes: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ECONNRESET'])

/**
 * The error to report; null when only the reader is gone, such as `| head`, which does not want the
 * rest.
 */
export function outputFailure(error: NodeJS.ErrnoException): OutputError | null {
  if (goneCodes.has(error.code)) return null
  return new OutputError(
    `standard output cannot be written (${error.code}), so the answer is incomplete; send it to another place`,
    { cause: error },
  )
}
