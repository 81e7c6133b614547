import { resolve } from 'node:path'
import { nearestName } from '../../policy/text/nearest-name.js'
import { UsageError } from '../line/usage-error.js'

/** In the order of the help. */
export const formats = ['text', 'json', 'sarif', 'junit', 'github'] as const

export type Format = (typeof formats)[number]

/** One output of a command. */
export interface FormatChoice {
  readonly format: Format
  /** null for standard output. */
  readonly file: string | null
}

const toScreen: FormatChoice = { format: 'text', file: null }

/**
 * Reads the values of `--format`, such as `text` and `sarif=out.sarif`. When every output goes to a
 * file, the text is still printed for a person.
 * @throws UsageError for an unknown format, two outputs to one place, or no place after `=`
 */
export function parseFormats(values: readonly string[]): readonly FormatChoice[] {
  const choices = values.map(parseFormat)
  for (const [index, { file }] of choices.entries())
    if (choices.findIndex(other => isSamePlace(other.file, file)) !== index)
      throw new UsageError(
        file === null
          ? `--format: ${values.join(' and ')} would both go to standard output; send all but one to a file: --format sarif=FILE`
          : `--format: two formats would go to the file ${file}; expected one for each`,
      )
  const hasText = choices.some(({ format, file }) => format === 'text' || file === null)
  return hasText ? choices : [toScreen, ...choices]
}

/** Whether two paths name one file, as `out.json` and `./out.json` do. */
function isSamePlace(a: string | null, b: string | null): boolean {
  return a === null || b === null ? a === b : resolve(a) === resolve(b)
}

function parseFormat(value: string): FormatChoice {
  const equals = value.indexOf('=')
  const name = equals < 0 ? value : value.slice(0, equals)
  const file = equals < 0 ? null : value.slice(equals + 1)
  const format = formats.find(known => known === name)
  if (format === undefined) throw new UsageError(unknownFormat(name))
  if (file === '') throw new UsageError(`--format ${value}: expected a file after =`)
  return { format, file }
}

function unknownFormat(name: string): string {
  const near = nearestName(name, formats)
  const hint = near === null ? `expected one of ${formats.join(', ')}` : `did you mean ${near}?`
  return `--format: unknown format "${name}"; ${hint}`
}
