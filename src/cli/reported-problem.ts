import type { InputProblem } from '../manifests/manifest-input.js'
import type { ReportedProblem } from '../report/report.js'

export function reportedProblem({
  file,
  line,
  column,
  message,
  text,
}: InputProblem): ReportedProblem {
  return { place: { file, line, column }, message, text }
}
