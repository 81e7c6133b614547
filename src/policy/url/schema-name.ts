import { toByteText } from '../../atlas/text/byte-text.js'

/** How the server reads a search_path in another way than Atlas, which takes the text as it is. */
export type Misreading = 'list' | 'quotes' | 'capitals' | 'user' | 'blank' | 'long'

/** Bytes of a name in PostgreSQL (NAMEDATALEN less one). It cuts the rest off, and tells nobody. */
const maxNameBytes = 63

/**
 * Compares both readings of a search_path. The server splits it at commas, strips blanks and quotes,
 * puts what is not quoted into small letters, and takes `$user` for the name of the role. Atlas
 * v1.2.3 makes its table in the schema that the server reads, then asks for it in one that is named
 * like the raw text, and stops. A hyphen, and a schema that is not there, are fine. null: both read
 * the same.
 */
export function misreading(searchPath: string): Misreading | null {
  if (searchPath.includes(',')) return 'list'
  if (/[A-Z]/.test(searchPath)) return 'capitals'
  if (searchPath.includes('"')) return 'quotes'
  if (/\s/.test(searchPath)) return 'blank'
  if (searchPath === '$user') return 'user'
  return toByteText(searchPath).length > maxNameBytes ? 'long' : null
}
