import { dirname } from 'node:path'
import { harmlessText } from '../../policy/text/harmless-text.js'
import type { Report } from '../../report/parts/report.js'
import type { TextOptions } from '../../report/formats/text.js'
import { CodedError } from '../../review/ports/coded-error.js'
import type { Format, FormatChoice } from './format-choice.js'
import type { Output } from './output.js'
import { replaceFile } from './replace-file.js'

/** A report cannot be written to the file that was named for it. */
export class ReportFileError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_REPORT'
}

export interface ReportOutputs {
  readonly choices: readonly FormatChoice[]
  readonly output: Output
  /** For the text only, see {@link TextOptions}. */
  readonly quiet?: boolean
}

/** Columns of a file: what most editors and web pages show without a scroll bar. */
const fileWidth = 100

/**
 * Writes a report to every output, standard output first, so that it is seen even when a file
 * cannot be written.
 * @throws ReportFileError
 */
export async function writeReports(report: Report, outputs: ReportOutputs): Promise<void> {
  const { output, choices, quiet = false } = outputs
  const toFile = { width: fileWidth, colors: false, quiet }
  for (const { format, file } of choices.toSorted(byScreenFirst)) {
    const options = file === null ? { width: output.width, colors: output.colors, quiet } : toFile
    const formatter = await formatters[format]()
    const text = formatter(report, options).trimEnd()
    if (file === null) output.printExact(text)
    else await writeReport(file, `${text}\n`)
  }
}

function byScreenFirst(a: FormatChoice, b: FormatChoice): number {
  return Number(a.file !== null) - Number(b.file !== null)
}

type Formatter = (report: Report, options: TextOptions) => string

/** Loads only the formats that are used. */
const formatters: Readonly<Record<Format, () => Promise<Formatter>>> = {
  text: async () => {
    const { formatText } = await import('../../report/formats/text.js')
    return (report, options) => harmlessText(formatText(report, options), options)
  },
  json: async () => (await import('../../report/formats/json.js')).formatJson,
  sarif: async () => (await import('../../report/formats/sarif.js')).formatSarif,
  junit: async () => (await import('../../report/formats/junit.js')).formatJunit,
  github: async () => (await import('../../report/formats/github.js')).formatGithub,
}

async function writeReport(file: string, text: string): Promise<void> {
  try {
    await replaceFile(file, text)
  } catch (error) {
    throw new ReportFileError(`${file}: ${describeFailure(file, error)}`, { cause: error })
  }
}

function describeFailure(file: string, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT')
    return `the folder ${dirname(file)} is not there; create it, or name another file after =`
  if (code === 'EISDIR') return 'is a folder; name a file after ='
  return `the report cannot be written (${code}); name a file that can be after =`
}
