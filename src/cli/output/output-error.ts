import { CodedError } from '../../review/ports/coded-error.js'

/** Standard output does not take the answer, such as a file on a full disk: half of an answer is none. */
export class OutputError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_OUTPUT'
}

/** A pipe, a terminal and a socket whose other end is gone. */
const goneCodes: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ECONNRESET'])

/** null where only the reader is gone, such as `| head`: who does not want the rest does not miss it. */
export function outputFailure(error: NodeJS.ErrnoException): OutputError | null {
  if (goneCodes.has(error.code)) return null
  return new OutputError(
    `standard output cannot be written (${error.code}), so the answer is incomplete; send it to another place`,
    { cause: error },
  )
}
