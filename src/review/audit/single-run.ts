import { parseDatabaseUrl } from '../../policy/url/database-url.js'
import type { Secret } from '../../policy/facts/atlas-migration.js'
import type { DatabaseIdentity, TableFacts } from '../../policy/facts/facts.js'
import { isDirStateName } from '../facts/dir-state.js'
import type { Cluster, DatabaseUrl, RevisionsReader } from '../ports/ports.js'

type Failed = Extract<TableFacts, { readonly kind: 'failed' }>

/**
 * A reader for a command that asks many databases and ends. A server that could not be reached is
 * not asked again, because each attempt takes the full time limit. Each database is asked only once
 * which one it is.
 */
export function readForOneRun(reader: RevisionsReader): RevisionsReader {
  const failures = new Map<string, Failed>()
  const identities = new Map<string, DatabaseIdentity>()
  const readObjects = reader.readObjects?.bind(reader)
  const compare = reader.compareDatabases?.bind(reader)
  return {
    async readTable(query, deadline) {
      const server = serverOf(query.url)
      const known = failures.get(server)
      if (known) return known
      const table = await reader.readTable(query, deadline)
      if (table.kind === 'failed' && table.failure === 'unreachable') failures.set(server, table)
      if (table.kind === 'read') identities.set(query.url.reveal(), table.identity)
      return table
    },
    async readIdentity(url, deadline) {
      const known = identities.get(url.reveal())
      if (known) return known
      if (failures.has(serverOf(url))) return null
      const identity = await reader.readIdentity(url, deadline)
      if (identity !== null) identities.set(url.reveal(), identity)
      return identity
    },
    ...(readObjects && { readObjects }),
    ...(compare && {
      compareDatabases: async (question, deadline) =>
        question.urls.some(url => failures.has(serverOf(url)))
          ? 'unknown'
          : compare(question, deadline),
    }),
  }
}

function serverOf(url: DatabaseUrl): string {
  const parts = parseDatabaseUrl(url.reveal())
  // A URL that cannot be parsed is its own key: the reader says what is wrong with it.
  return parts.kind === 'invalid' ? url.reveal() : `${parts.host}:${parts.port}`
}

/**
 * A cluster that reads each Secret once. The Secrets that the operator keeps for its state are
 * large and asked for only once, so they are not remembered.
 */
export function rememberSecrets(cluster: Cluster): Cluster {
  const known = new Map<string, Secret | null>()
  return {
    ...cluster,
    async readSecret(namespace, name, deadline) {
      if (isDirStateName(name)) return cluster.readSecret(namespace, name, deadline)
      const key = `${namespace}/${name}`
      const before = known.get(key)
      if (before !== undefined) return before
      const secret = await cluster.readSecret(namespace, name, deadline)
      known.set(key, secret)
      return secret
    },
  }
}
