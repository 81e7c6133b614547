import { harmlessText } from '../../policy/text/harmless-text.js'
import { maskSecrets } from '../../policy/text/sanitize-text.js'
import { CodedError } from '../../review/ports/coded-error.js'

/**
 * By the stable code of an error. An error that is not deliberate is a mistake of this program
 * (70).
 */
const exitCodes: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ATLAS_ADMISSION_USAGE: 2,
    ATLAS_ADMISSION_SETTINGS: 2,
    ATLAS_ADMISSION_MANIFESTS: 2,
    ATLAS_ADMISSION_MANIFESTS_FOLDER: 2,
    ATLAS_ADMISSION_KUBECONFIG: 2,
    ATLAS_ADMISSION_CERTIFICATE: 2,
    ATLAS_ADMISSION_VECTORS: 2,
    ATLAS_ADMISSION_MIGRATION_FOLDER: 2,
    ATLAS_ADMISSION_INPUT: 2,
    ATLAS_ADMISSION_CONSOLIDATION: 2,
    ATLAS_ADMISSION_REPLAY: 2,
    ATLAS_ADMISSION_OUTPUT_FOLDER: 2,
    ATLAS_ADMISSION_REPORT: 2,
    ATLAS_ADMISSION_OUTPUT: 2,
    ATLAS_ADMISSION_ROWS: 2,
    ATLAS_ADMISSION_DATABASE: 2,
    ATLAS_ADMISSION_CLUSTER_READ: 2,
    ATLAS_ADMISSION_LISTEN: 3,
    ATLAS_ADMISSION_EMBEDDED_POSTGRES: 3,
  }),
)

/** The exit code for an error that is not deliberate, which is a mistake of this program. */
export const internalFault = 70

export function exitCodeOf(error: unknown): number {
  return error instanceof CodedError ? (exitCodes.get(error.code) ?? internalFault) : internalFault
}

/**
 * The error for the terminal: one line, and one more for each mistake. Only deliberate messages are
 * known to hold no secret. Yet they may quote an argument, and a URL in place of a file or a
 * variable has its password in it.
 */
export function failureLine(error: unknown): string {
  if (error instanceof CodedError) {
    const [first, ...mistakes] = maskSecrets(error.message).split('\n')
    const lines = [`atlas-admission: ${first} (${error.code})`, ...mistakes]
    return harmlessText(lines.join('\n'), { colors: false })
  }
  const name = error instanceof Error ? `${error.name}\n${stackOf(error)}` : 'unknown error'
  return `atlas-admission: a fault of the program itself: ${name}`
}

/** The frames without the message, which may quote what must not be shown. */
function stackOf(error: Error): string {
  const frames = String(error.stack)
    .split('\n')
    .filter(line => line.startsWith('    at '))
  return frames.slice(0, 8).join('\n')
}
