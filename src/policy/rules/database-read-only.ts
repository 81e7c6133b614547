import type { DatabaseAccess } from '../facts/database-access.js'
import type { Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { plannedHistory } from '../history/live-history.js'
import { pendingStatements } from '../outcome/pending-statements.js'

export const databaseReadOnly: Rule = {
  id: 'database-read-only',
  title: 'Files are pending, and the database takes no writes, or should take none.',
  why: 'A standby refuses every file until it is promoted. A default of read-only transactions stops the making of the revisions schema and files without a transaction; Atlas opens all other transactions as READ WRITE and changes the database nevertheless.',
  severity: 'warn',
  evidence: 'database',
  since: '0.2.0',
  order: 4167,
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const history = plannedHistory(facts)
  if (history?.prediction.first.action !== 'apply' || facts.table.kind !== 'read') return null
  const { access } = facts.table
  if (access?.standby) return standby
  return access?.readOnly ? readOnlyDefault(whatStops(facts, access)) : null
}

const shared = { expected: '', field: 'spec.url', severity: 'warn' } as const

const standby: Finding = {
  ...shared,
  found: 'the server of the URL is a standby: the operator fails at every pending file',
  remedy: 'name the host of the primary in the URL, or wait for the failover to end',
  subjects: ['standby'],
  details: [
    'Atlas would say: cannot execute ... in a read-only transaction, or ... during recovery',
  ],
}

/** What Atlas does under the default was tried: it begins a file's transaction as READ WRITE. */
function readOnlyDefault(stops: string | null): Finding {
  return {
    ...shared,
    found: `transactions are read-only by default here: ${
      stops === null
        ? 'Atlas opens its own as READ WRITE, so the pending files would run'
        : `Atlas cannot ${stops}`
    }`,
    remedy: 'find out who set default_transaction_read_only and why; RESET it, or wait',
    subjects: ['read-only'],
    details: [
      'It is set for the role, the database or the server, or in the URL',
      'Providers set it when a disk is full, and people do while they move a database: what is written then can be lost',
    ],
  }
}

/** What fails: what Atlas does without a transaction of its own. */
function whatStops(facts: Facts, { schemaMissing }: DatabaseAccess): string | null {
  if (schemaMissing) return 'make the schema of its revisions table'
  const file = pendingStatements(facts)?.files.find(({ inTransaction }) => !inTransaction)
  return file ? `run ${file.name}, which has txmode none` : null
}
