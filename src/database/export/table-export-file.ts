import { readFile } from 'node:fs/promises'
import type { TableExport } from '../../policy/facts/exported-table.js'
import { RowsError } from './rows-error.js'
import { parseTableExport } from './table-export.js'

/**
 * Reads an export, or a bare array of rows.
 * @throws RowsError that names the file.
 */
export async function readTableExport(file: string): Promise<TableExport> {
  return parseTableExport(await readText(file), file)
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw new RowsError(
      `cannot read ${file}: ${reasons.get(code) ?? code}; expected a file that \`atlas-admission export\` wrote`,
      { cause: error },
    )
  }
}

const reasons: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ENOENT: 'nothing there',
    EISDIR: 'it is a folder',
    EACCES: 'no right to read it',
  }),
)
