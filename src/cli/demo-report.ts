/** One review of the demo, as it was asked and answered. */
export interface DemoResult {
  /** What was written, in words. */
  readonly title: string
  readonly operation: string
  readonly kind: string
  readonly object: string
  readonly response: DemoResponse
}

/** The part of an AdmissionReview response that a person sees through kubectl. */
export interface DemoResponse {
  readonly allowed: boolean
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string }
  readonly warnings?: readonly string[]
}

/** The name under which the webhook would be registered. */
const webhookName = 'validate.atlas-admission.io'

const resourceNames: Readonly<Record<string, string>> = {
  AtlasMigration: 'atlasmigration.db.atlasgo.io',
  ConfigMap: 'configmap',
}

const outcomes: Readonly<Record<string, string>> = {
  CREATE: 'created',
  UPDATE: 'configured',
  DELETE: 'deleted',
}

/** What kubectl prints: warnings first, then the error or the outcome (kubectl 1.36, seen on a real API server). */
export function kubectlLines(result: DemoResult): readonly string[] {
  const { response, kind, object, operation } = result
  const warnings = (response.warnings ?? []).map(warning => `Warning: ${warning}`)
  if (response.allowed) {
    const name = object.split('/').at(-1)
    return [...warnings, `${resourceNames[kind] ?? kind}/${name} ${outcomes[operation]}`]
  }
  const { reason = '', message = '' } = response.status ?? {}
  const [first = '', ...rest] = message.split('\n')
  const head = `Error from server (${reason}): admission webhook "${webhookName}" denied the request:`
  return [...warnings, `${head} ${first}`, ...rest]
}

/** A table of three columns: what was written, allowed or denied, what kubectl shows. `width` in characters. */
export function formatDemoTable(results: readonly DemoResult[], width: number): string {
  const columns = [34, 9, Math.max(40, width - 34 - 9 - 4)] as const
  const rule = columns.map(size => '-'.repeat(size)).join('  ')
  const row = (cells: readonly (readonly string[])[]) => formatRow(cells, columns)
  return [
    row([['WRITTEN'], ['ANSWER'], ['KUBECTL SHOWS']]),
    rule,
    ...results.flatMap(result => [
      row([
        [...wrap(result.title, columns[0]), ...wrap(`${result.kind} ${result.object}`, columns[0])],
        [result.response.allowed ? 'allowed' : 'DENIED'],
        kubectlLines(result).flatMap(line => wrap(line, columns[2])),
      ]),
      rule,
    ]),
  ].join('\n')
}

function formatRow(cells: readonly (readonly string[])[], columns: readonly number[]): string {
  const height = Math.max(...cells.map(lines => lines.length))
  const lines = Array.from({ length: height }, (_, index) =>
    cells.map((cell, column) => (cell[index] ?? '').padEnd(columns[column] ?? 0)).join('  '),
  )
  return lines.map(line => line.trimEnd()).join('\n')
}

/** Breaks between words; a word that is too long stays whole, so that it can be copied. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = `  ${word}`
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
