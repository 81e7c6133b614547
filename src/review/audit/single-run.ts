import { parseDatabaseUrl } from '../../policy/facts/database-url.js'
import type { Secret } from '../../policy/facts/atlas-migration.js'
import type { DatabaseIdentity, TableFacts } from '../../policy/facts/facts.js'
import { isDirStateName } from '../facts/dir-state.js'
import type { Cluster, DatabaseUrl, RevisionsReader } from '../ports/ports.js'

type Failed = Extract<TableFacts, { readonly kind: 'failed' }>

/**
 * For work that asks much and answers once: a server that could not be reached is asked no second time, since each
 * attempt takes as long as the limit for one, and each database tells once which it is.
 */
export function readForOneRun(reader: RevisionsReader): RevisionsReader {
  const failures = new Map<string, Failed>()
  const identities = new Map<string, DatabaseIdentity>()
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
    async compareDatabases(question, deadline) {
      if (question.urls.some(url => failures.has(serverOf(url)))) return 'unknown'
      return (await reader.compareDatabases?.(question, deadline)) ?? 'unknown'
    },
  }
}

function serverOf(url: DatabaseUrl): string {
  const parts = parseDatabaseUrl(url.reveal())
  // The reader says what is wrong with the others.
  return parts.kind === 'invalid' ? url.reveal() : `${parts.host}:${parts.port}`
}

/** Reads each Secret of a database URL once; what the operator keeps in Secrets is large, and asked for once only. */
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
