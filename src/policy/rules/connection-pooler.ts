import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'

export const connectionPooler: Rule = {
  id: 'connection-pooler',
  title: 'The database URL looks like that of a transaction pooler.',
  why: "In transaction mode a session's advisory lock and search_path do not hold from one statement to the next: two runs can overlap, and files can land in another schema.",
  severity: 'warn',
  evidence: 'references',
  order: 3020,
  since: '0.1.0',
  evaluate,
}

/** PgBouncer's default port, and the one of Supabase's transaction mode. */
const poolerPorts = new Set([6432, 6543])

const poolerLabel = /pgbouncer|pooler/i

function evaluate({ target }: Facts): Finding | null {
  if (target.kind !== 'resolved' || target.target.dialect !== 'postgres') return null
  const { host, port } = target.target
  const label = host.split('.').find(part => poolerLabel.test(part))
  if (label === undefined && !poolerPorts.has(port)) return null
  return {
    found: `the database is reached through a connection pooler, by its ${label === undefined ? `port ${port}` : 'host name'}`,
    expected: 'a direct connection, or a session pooler that passes search_path on',
    remedy: "use the database's own host and port for migrations",
    field: 'spec.url',
    subjects: ['spec.url'],
    details: [
      'Atlas opens the revisions table with search_path as a start-up parameter, and PgBouncer refuses that: "unsupported startup parameter: search_path"',
    ],
  }
}
