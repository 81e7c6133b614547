import type { InputProblem } from '../../manifests/read/manifest-input.js'
import type { ReportedProblem } from '../../report/parts/report.js'

export function reportedProblem({
  file,
  line,
  column,
  message,
  text,
}: InputProblem): ReportedProblem {
  return { place: { file, line, column }, message, text }
}
