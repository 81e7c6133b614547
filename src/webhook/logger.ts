import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino'
import { describeError } from './errors/error-description.js'

export interface LoggerOptions {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
}

/**
 * A logger of JSON lines. However an error is passed (`log.error(error)`, `{ err }`, `{ error }`),
 * only its description is written, never its message: see error-description.
 */
export function buildLogger(options: LoggerOptions, destination?: DestinationStream): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { err: describeError, error: describeError },
      hooks: {
        // By itself, pino makes the error's message that of the line when the call gives none.
        logMethod(args, method) {
          const [first, ...rest] = args as [unknown, ...unknown[]]
          const fields = first instanceof Error ? { err: first } : first
          const text = rest.length === 0 && holdsError(fields) ? ['error'] : rest
          method.apply(this, [fields, ...text] as Parameters<typeof method>)
        },
      },
    },
    destination ?? pino.destination(1),
  )
}

function holdsError(fields: unknown): boolean {
  return typeof fields === 'object' && fields !== null && 'err' in fields
}
