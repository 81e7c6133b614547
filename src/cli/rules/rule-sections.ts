import type { Evidence, Rule } from '../../policy/facts/finding.js'
import { allowAnnotation } from '../../policy/enforcement/override.js'
import type { RulePage } from '../../policy/pages/rule-page.js'
import { exampleColumns, exampleDatabase } from './example-state.js'

/**
 * A part of a page. Text is Markdown; `message` is what the program prints, in lines of any length.
 */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly language: string; readonly lines: readonly string[] }
  | { readonly kind: 'message'; readonly lines: readonly string[] }
  | { readonly kind: 'steps' | 'points'; readonly items: readonly string[] }

export interface Section {
  readonly title: string
  readonly blocks: readonly Block[]
}

/** The sections of a rule's page, for any form of output. Sections without content are left out. */
export function ruleSections(rule: Rule, page: RulePage): readonly Section[] {
  const { steps, milder, notes } = page
  return [
    { title: 'Why', blocks: [text(rule.why)] },
    { title: 'Example', blocks: exampleBlocks(page) },
    { title: 'The way out', blocks: [{ kind: 'steps', items: steps }] },
    ...points('When it weighs less', milder),
    ...points('Good to know', notes),
    { title: 'Policy', blocks: policyBlocks(rule) },
  ]
}

function text(text: string): Block {
  return { kind: 'text', text }
}

function points(title: string, items: readonly string[]): readonly Section[] {
  return items.length === 0 ? [] : [{ title, blocks: [{ kind: 'points', items }] }]
}

function exampleBlocks({ example }: RulePage): readonly Block[] {
  const columns = exampleColumns(example)
  const database = exampleDatabase(example)
  return [
    text(example.situation),
    { kind: 'code', language: 'yaml', lines: example.manifests.trimEnd().split('\n') },
    ...(columns.length > 0
      ? ([{ kind: 'code', language: 'text', lines: columns }] satisfies Block[])
      : []),
    ...(database === '' ? [] : [text(database)]),
    text('This is said:'),
    { kind: 'message', lines: example.message },
  ]
}

function policyBlocks({ id, severity, evidence, since }: Rule): readonly Block[] {
  return [
    text(`Default severity: \`${severity}\`. ${basis[evidence]}${newText(since)}`),
    {
      kind: 'code',
      language: 'yaml',
      lines: [
        'rules:',
        `  ${id}: ${severity}  # or ${otherSettings(severity)}`,
        'exemptions:',
        `  - rule: ${id}`,
        '    namespace: shop',
        '    reason: until the clean-up, OPS-1234',
        '    until: 2030-12-31',
        'overridable:',
        `  - ${id}`,
      ],
    },
    text('As `overridable`, an object may say so itself, and each use is logged and warned of:'),
    {
      kind: 'code',
      language: 'yaml',
      lines: [
        'metadata:',
        '  annotations:',
        `    ${allowAnnotation}: "${id}: agreed with the data team"`,
      ],
    },
  ]
}

/** The version that every rule of the first release came with. */
const firstRelease = '0.1.0'

function newText(since: string): string {
  return since === firstRelease
    ? ''
    : ` New in ${since}: a policy with \`newRules: warn\` and an older \`since\` only warns.`
}

function otherSettings(severity: string): string {
  return ['deny', 'warn', 'audit', 'off'].filter(other => other !== severity).join(', ')
}

/** What the finding rests on, and so what a dry run can do; see foreign-evidence.ts. */
const basis: Readonly<Record<Evidence, string>> = {
  spec: 'It needs the object alone, so a dry run may deny it as well.',
  content:
    'It rests on the content of the directory: a dry run of the ConfigMap, or of an AtlasMigration with an inline directory, may deny it; a dry run of an AtlasMigration with a ConfigMap only warns, unless `dryRun: enforce` is set.',
  references:
    'It rests on other objects, so a dry run only warns, unless `dryRun: enforce` is set: they may come with the same delivery.',
  database:
    'It rests on the rows of the database: a dry run only warns, unless `dryRun: enforce` is set, or directory and URL are in the object itself.',
}
