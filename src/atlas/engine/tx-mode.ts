import { fileDirectives } from '../directory/directive.js'
import type { EngineError } from '../directory/engine-error.js'
import type { MigrationFile } from '../directory/file.js'
import { quoteGo } from '../text/go-string.js'

/** Why `migrate apply` refuses the file's `atlas:txmode` directive, or null (Atlas v1.2.3, community). */
export function txModeError(file: MigrationFile): EngineError | null {
  const modes = fileDirectives(file.content, 'txmode')
  const message = modes.length === 0 ? null : problem(file, modes)
  return message === null ? null : { type: 'TxModeError', message }
}

function problem(file: MigrationFile, modes: readonly string[]): string | null {
  const name = quoteGo(file.name)
  const mode = modes[0]!
  if (modes.length > 1) {
    return `multiple txmode values found in file ${name}: [${modes.map(quoteGo).join(' ')}]`
  }
  if (mode === 'all') {
    return `txmode "all" is not allowed in file directive ${name}. Use "file" instead`
  }
  if (mode === 'none' || mode === 'file') return null
  return `unknown txmode ${quoteGo(mode)} found in file directive ${name}`
}
