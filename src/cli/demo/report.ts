import { wrap } from '../../report/parts/wrap.js'

/** One review of the demo, with its question and its answer. */
export interface DemoResult {
  /** What was written, in words. */
  readonly title: string
  readonly operation: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly response: DemoResponse
}

/** The part of an AdmissionReview response that a person sees through kubectl. */
export type DemoResponse = { readonly warnings?: readonly string[] } & (
  | { readonly allowed: true }
  | {
      readonly allowed: false
      readonly status: { readonly reason: string; readonly message: string }
    }
)

/** The page that the report is written for. */
export interface DemoPage {
  /** In characters. */
  readonly width: number
  readonly colors: boolean
}

/** The name under which the webhook would be registered. */
const webhookName = 'validate.atlas-admission.io'

const resourceNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    AtlasMigration: 'atlasmigration.db.atlasgo.io',
    ConfigMap: 'configmap',
  }),
)

/**
 * What `kubectl apply --server-side` and `kubectl delete` print: warnings first, then the error or
 * the outcome. This is how kubectl 1.36 prints with a real API server; a server-side apply says
 * `serverside-applied` whether it created, changed or left the object.
 */
export function kubectlLines(result: DemoResult): readonly string[] {
  const { response } = result
  const warnings = (response.warnings ?? []).map(warning => `Warning: ${warning}`)
  if (response.allowed) return [...warnings, describeOutcome(result)]
  const { status } = response
  const head = `Error from server (${status.reason}): admission webhook "${webhookName}" denied the request:`
  return [...warnings, ...`${head} ${status.message}`.split('\n')]
}

function describeOutcome({ operation, kind, namespace, name }: DemoResult): string {
  const resource = resourceNames.get(kind) ?? kind
  return operation === 'DELETE'
    ? `${resource} "${name}" deleted from ${namespace} namespace`
    : `${resource}/${name} serverside-applied`
}

/** Columns in front of the text: number and answer. */
const margin = 13

/** On a narrower terminal the text is not broken further, and the terminal cuts it. */
const leastTextWidth = 40

/**
 * A table with number, answer and what was written. Below each row stands what kubectl shows,
 * unabridged, behind a bar. A message gets the whole width, because beside other columns it would
 * be too narrow on 80 columns.
 */
export function formatDemoTable(results: readonly DemoResult[], page: DemoPage): string {
  const width = Math.max(page.width - margin, leastTextWidth)
  const answers = page.colors ? coloredAnswers : plainAnswers
  const rows = results.flatMap((result, index) => {
    const answer = result.response.allowed ? answers.allowed : answers.denied
    const head = `${String(index + 1).padStart(2)}  ${answer}  `
    const [first, ...rest] = formatText(result, width)
    return ['', `${head}${first}`, ...rest.map(line => ' '.repeat(margin) + line)]
  })
  return [
    ' #  ANSWER   WRITTEN, AND | WHAT KUBECTL SHOWS',
    `--  -------  ${'-'.repeat(width)}`,
    ...rows.slice(1),
    '',
    summarize(results),
  ].join('\n')
}

const plainAnswers = { allowed: 'allowed', denied: 'DENIED ' }

/** ECMA-48: green, and bold red. */
const coloredAnswers = { allowed: '\x1b[32mallowed\x1b[0m', denied: '\x1b[1;31mDENIED \x1b[0m' }

function formatText(result: DemoResult, width: number): readonly string[] {
  const { title, operation, kind, namespace, name } = result
  const head = `${title}: ${operation} ${kind} ${namespace}/${name}`
  const written = wrap(head, { width, indent: '  ' })
  const shown = kubectlLines(result).flatMap(line =>
    wrap(line, { width: width - 2, indent: line.startsWith('- ') ? '    ' : '  ' }),
  )
  return [...written, ...shown.map(line => `| ${line}`)]
}

function summarize(results: readonly DemoResult[]): string {
  const allowed = results.filter(({ response }) => response.allowed).length
  return `${results.length} reviews: ${allowed} allowed, ${results.length - allowed} denied.`
}
