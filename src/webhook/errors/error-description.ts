import { CodedError } from '../../review/ports/coded-error.js'

/** What a log may hold about an error. */
interface ErrorDescription {
  /** Name of the class, or the type of a thrown value that is no Error. */
  readonly type: string
  /** `ATLAS_ADMISSION_…`, a Node code such as ECONNREFUSED, or an SQLSTATE. */
  readonly code?: string
  /** Only of a CodedError, whose message never holds a secret. */
  readonly message?: string
  /** At most 12 frames, each as `at function (file:line:column)`. */
  readonly frames?: readonly string[]
  readonly cause?: ErrorDescription
}

const MAX_FRAMES = 12
const MAX_CAUSES = 4

/**
 * Matches a frame, which ends in a place in a file. A line of a message that only starts with "at"
 * does not match.
 */
const frame =
  /^\s+at (?:async )?(?:[\w.$<>[\] ]+ \()?(?:file:\/\/\/|node:|\/|[A-Z]:\\)[^\s@?]*:\d+:\d+\)?$/

/**
 * Describes an error without its message, because drivers and parsers put URLs, passwords and SQL
 * into theirs. Only the message of a CodedError is kept.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = codeOf(error)
  const frames = framesOf(error)
  return {
    type: error.constructor.name,
    ...(code === null ? {} : { code }),
    ...(error instanceof CodedError ? { message: error.message } : {}),
    ...(frames.length === 0 ? {} : { frames }),
    ...(error.cause === undefined || depth === MAX_CAUSES
      ? {}
      : { cause: describeError(error.cause, depth + 1) }),
  }
}

function codeOf(error: Error): string | null {
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : null
}

/**
 * The frames of the stack. It begins with the message, so frames are looked for only behind that.
 */
function framesOf(error: Error): string[] {
  const stack = error.stack ?? ''
  const start = stack.indexOf(error.message)
  if (start === -1) return []
  const lines = stack.slice(start + error.message.length).split('\n')
  return lines
    .filter(line => frame.test(line))
    .slice(0, MAX_FRAMES)
    .map(line => line.trim())
}
