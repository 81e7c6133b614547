import { parseDatabaseUrl } from '../policy/database-url.js'
import type { TableFacts } from '../policy/facts.js'
import type { DatabaseUrl, RevisionsReader } from './ports.js'

type Failed = Extract<TableFacts, { readonly kind: 'failed' }>

/**
 * Asks a server that could not be reached no second time: each attempt takes as long as the limit for one, and a
 * cluster has many databases on one server. For work that answers once; a server that comes back is not noticed.
 */
export function askUnreachableOnce(reader: RevisionsReader): RevisionsReader {
  const failures = new Map<string, Failed>()
  return {
    async readTable(query, deadline) {
      const server = serverOf(query.url)
      const known = failures.get(server)
      if (known) return known
      const table = await reader.readTable(query, deadline)
      if (table.kind === 'failed' && table.failure === 'unreachable') failures.set(server, table)
      return table
    },
    async readIdentity(url, deadline) {
      return failures.has(serverOf(url)) ? null : reader.readIdentity(url, deadline)
    },
  }
}

/** Only what was parsed once gets as far as a reader. */
function serverOf(url: DatabaseUrl): string {
  const parts = parseDatabaseUrl(url.reveal())
  return parts.kind === 'invalid' ? '' : `${parts.host}:${parts.port}`
}
