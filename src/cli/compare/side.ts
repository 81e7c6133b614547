import { stat } from 'node:fs/promises'
import type { MigrationFolder } from '../../manifests/read/migration-folder.js'
import type { TableExport } from '../../policy/facts/exported-table.js'
import { ConcealedUrl } from '../../review/url/concealed-url.js'
import { withTimeLimit } from '../../review/limits/time-limit.js'
import { readUrlText, type UrlPlace } from '../input/database-choice.js'
import type { Environment } from '../line/arguments.js'
import { readLiveTable, type ServerReader } from './live-table.js'
import { parseUrlOperand, refuseUrl } from '../input/url-operand.js'
import { UsageError } from '../line/usage-error.js'

/** Where one side of a comparison comes from. */
export type SideChoice =
  | { readonly kind: 'database'; readonly place: UrlPlace }
  | { readonly kind: 'export'; readonly file: string }
  | { readonly kind: 'directory'; readonly folder: string }

/** One side, as it was read. */
export type Side =
  | {
      readonly kind: 'table'
      readonly source: string
      readonly exported: TableExport
      /** null for an export, whose database cannot be asked. */
      readonly url: ConcealedUrl | null
      /** Where the URL stands; null for an export. */
      readonly place: UrlPlace | null
    }
  | { readonly kind: 'directory'; readonly source: string; readonly content: MigrationFolder }

export interface SideSources {
  readonly environment: Environment
  readonly reader: ServerReader
  readonly readExport: (file: string) => Promise<TableExport>
  readonly readDirectory: (folder: string) => Promise<MigrationFolder>
  readonly limitMs: number
  readonly signal: AbortSignal
}

/** @throws UsageError that does not repeat the text, which may be a URL. */
export async function parseSide(text: string, name: string): Promise<SideChoice> {
  refuseUrl(text, name)
  const place = parseUrlOperand(text)
  if (place !== null) return { kind: 'database', place }
  const [, kind, path = ''] = /^(rows|dir):(.+)$/s.exec(text) ?? []
  if (kind === 'rows') return { kind: 'export', file: path }
  if (kind === 'dir') return { kind: 'directory', folder: path }
  return parsePath(text, name)
}

/** Reads a path without a kind in front of it. What is at the path decides. */
async function parsePath(path: string, name: string): Promise<SideChoice> {
  const found = await stat(path).catch(() => null)
  if (found?.isDirectory()) return { kind: 'directory', folder: path }
  if (path.endsWith('.json')) return { kind: 'export', file: path }
  throw new UsageError(
    `${name}: expected env:VARIABLE or file:PATH (where a database URL stands), an export (*.json or rows:FILE) or a folder of migrations, found none of these`,
  )
}

export interface ReadSide {
  readonly choice: SideChoice
  /** null: the schema that the operator uses by default. */
  readonly revisionsSchema: string | null
}

/**
 * @throws UsageError, DatabaseReadError, RowsError or MigrationFolderError, which name the source.
 */
export async function readSide(
  { choice, revisionsSchema }: ReadSide,
  at: SideSources,
): Promise<Side> {
  if (choice.kind === 'directory') {
    const content = await at.readDirectory(choice.folder)
    return { kind: 'directory', source: choice.folder, content }
  }
  if (choice.kind === 'export') {
    const exported = await at.readExport(choice.file)
    return { kind: 'table', source: choice.file, exported, url: null, place: null }
  }
  const { place } = choice
  const source = `${place.kind}:${place.place}`
  const url = await readUrlText(place, { option: source, environment: at.environment })
  const limit = { ms: at.limitMs, parent: at.signal }
  const exported = await withTimeLimit(limit, deadline =>
    readLiveTable({ source, url, revisionsSchema }, at.reader, deadline),
  )
  return { kind: 'table', source, exported, url: new ConcealedUrl(url), place }
}
