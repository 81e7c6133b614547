import type { FieldPath } from '../../policy/text/field-path.js'
import type { YamlProblem } from './kubectl-yaml.js'

/** What is said of a text that `helm template` or another tool has yet to render. */
const notRendered =
  'this is a template that was not rendered ("{{"); check what it becomes: helm template CHART | atlas-admission check -'

/** An action that stands alone on its line, as `{{- if .Values.database }}` does. */
const loneAction = /^[ \t]*(?:- )?\{\{/

/**
 * Puts one problem in the place of all those that a template brings about which was not rendered,
 * such as a file of a Helm chart. Its actions are no YAML, or maps where a text belongs, and what a
 * parser says of them leads nobody to the cause.
 */
export function nameTemplate(
  text: string,
  problems: readonly YamlProblem[],
): readonly YamlProblem[] {
  if (problems.length === 0 || !text.includes('{{')) return problems
  const lines = text.split('\n')
  const holds = (line: number) => lines[line - 1]?.includes('{{') === true
  const first = problems.find(({ line }) => holds(line))?.line
  const line = first ?? lines.findIndex(each => loneAction.test(each)) + 1
  if (line === 0) return problems
  return [
    {
      line,
      column: lines[line - 1]!.indexOf('{{') + 1,
      message: notRendered,
    },
  ]
}

/** Fields that may hold any text: files, a custom atlas.hcl, and its variables. */
const freeText = new Set(['local', 'config', 'vars'])

/**
 * The problem of an object whose fields hold an action between quotes: `host: "{{ .Values.host }}"`
 * is a text for a parser, but the name of nothing. null when there is none.
 */
export function templateField(
  value: unknown,
): { readonly path: FieldPath; readonly message: string } | null {
  const { metadata, spec } = Object(value) as Readonly<Record<string, unknown>>
  const { name, namespace } = Object(metadata) as Readonly<Record<string, unknown>>
  const path =
    actionPath({ name, namespace }, ['metadata']) ?? (spec ? actionPath(spec, ['spec']) : null)
  return path === null ? null : { path, message: notRendered }
}

function actionPath(value: unknown, path: FieldPath): FieldPath | null {
  if (typeof value === 'string') return value.includes('{{') ? path : null
  if (typeof value !== 'object' || value === null) return null
  for (const [key, child] of Object.entries(value)) {
    const found = freeText.has(key) ? null : actionPath(child, [...path, key])
    if (found !== null) return found
  }
  return null
}
