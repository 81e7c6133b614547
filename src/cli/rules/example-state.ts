import { compareBytewise } from '../../atlas/text/go-string.js'
import { ownValue } from '../../atlas/text/own-value.js'
import type { ExampleTable, RuleExample } from '../../policy/pages/rule-page.js'

/** Entries of one column by their version. */
interface Column {
  readonly title: string
  readonly entries: readonly { readonly version: string; readonly text: string }[]
}

/**
 * The directories and the revisions table of an example side by side, with one version in a line;
 * empty when it has neither.
 */
export function exampleColumns(example: RuleExample): readonly string[] {
  const columns = columnsOf(example)
  const versions = [...new Set(columns.flatMap(({ entries }) => entries.map(at => at.version)))]
  const rows = versions.sort(compareBytewise).flatMap(version => rowsOf(version, columns))
  const lines = rows.length === 0 ? [] : [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, index) => Math.max(...lines.map(line => line[index]!.length)))
  return lines.map(line =>
    line
      .map((cell, index) => cell.padEnd(widths[index]!))
      .join('  ')
      .trimEnd(),
  )
}

function columnsOf({
  directories = {},
  edited = [],
  texts = {},
  dirState,
  ...tables
}: RuleExample): readonly Column[] {
  return [
    ...Object.entries(directories).map(([name, files]) => ({
      title: `ConfigMap ${name}`,
      entries: files.map(file => fileEntry(file, noteOf(file, { edited, texts }))),
    })),
    ...(dirState
      ? [{ title: 'dir-state', entries: dirState.map(file => fileEntry(file, '')) }]
      : []),
    ...tableColumn('rows before', tables.formerTable),
    ...tableColumn(tables.formerTable ? 'rows now' : 'rows', tables.table),
  ]
}

function noteOf(
  file: string,
  { edited, texts }: Required<Pick<RuleExample, 'edited' | 'texts'>>,
): string {
  const source = ownValue(texts, file)
  if (source !== undefined) return ` (the text of ${source})`
  return edited.includes(file) ? ' (edited)' : ''
}

function fileEntry(file: string, note: string): Column['entries'][number] {
  return { version: versionOf(file), text: file + note }
}

/** The version as Atlas takes it from the name of a file. */
function versionOf(file: string): string {
  return file.replace(/\.sql$/, '').split('_', 1)[0]!
}

function tableColumn(title: string, table: ExampleTable | undefined): readonly Column[] {
  const versions = (table?.ran ?? []).flat().map(versionOf).sort(compareBytewise)
  if (versions.length === 0) return []
  const partial = table?.partial && ` (${table.partial.applied} of ${table.partial.total})`
  const entries = versions.map((version, index) => ({
    version,
    text: index === versions.length - 1 ? version + (partial ?? '') : version,
  }))
  return [{ title, entries }]
}

/** The rows of one version: several where a directory has two files of it. */
function rowsOf(version: string, columns: readonly Column[]): readonly (readonly string[])[] {
  const cells = columns.map(({ entries }) => entries.filter(entry => entry.version === version))
  const height = Math.max(...cells.map(cell => cell.length))
  return Array.from({ length: height }, (_, line) => cells.map(cell => cell[line]?.text ?? ''))
}

/** Sentences on what else matters of the database of an example. */
export function exampleDatabase({ table }: RuleExample): string {
  if (!table) return ''
  const { ran, notClean, elsewhere = [], locked, order, failure, content = {} } = table
  return [
    ...(ran === null && !failure ? ['The database has no revisions table.'] : []),
    ...(ran?.length === 0 ? ['The revisions table has no row.'] : []),
    ...(notClean ? [`The database is not clean: ${notClean}.`] : []),
    ...Object.entries(content).map(([schema, tables]) =>
      tables.length === 0
        ? `Its schema ${schema} has no table.`
        : `Its schema ${schema} has ${tables.join(', ')}.`,
    ),
    ...elsewhere.map(schema => `The schema ${schema} has a revisions table with rows.`),
    ...(order ? [`The database returns the rows in the order ${order.join(', ')}.`] : []),
    ...(locked ? ['Somebody holds the lock of `migrate apply`.'] : []),
    ...(failure ? [`The revisions table cannot be read: ${failure.message}.`] : []),
  ].join(' ')
}
