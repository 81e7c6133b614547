import type { DatabaseFailure, Facts } from '../facts.js'
import type { Finding, Rule } from '../finding.js'

export const databaseError: Rule = {
  id: 'database-error',
  title:
    'The revisions table could not be read, so nothing is known about what the operator would do.',
  why: 'A verdict on a directory needs the rows of its database. What cannot be read is not guessed: the answer is "cannot decide", which the setting onError turns into a warning or a denial.',
  severity: 'warn',
  evidence: 'database',
  evaluate,
}

function evaluate({ table }: Facts): Finding | null {
  if (table.kind !== 'failed') return null
  const { found, remedy } = failures[table.failure]
  return {
    found: `cannot decide: ${found}`,
    expected: 'a database whose revisions table can be read',
    remedy,
    field: 'spec.url',
    subjects: [table.failure],
    details: [table.message],
  }
}

const failures: Readonly<Record<DatabaseFailure, Pick<Finding, 'found' | 'remedy'>>> = {
  unreachable: {
    found: 'the database cannot be reached',
    remedy: 'check its host name, network policies, and that it runs',
  },
  refused: {
    found: 'the database refuses connections',
    remedy: 'check its port, and that it runs and accepts connections',
  },
  tls: {
    found: 'no TLS connection to the database could be made',
    remedy: 'check sslmode and the root certificate',
  },
  authentication: {
    found: 'the database rejects the user or the password',
    remedy: 'check the credentials in the Secret',
  },
  'database-missing': {
    found: 'the server has no such database',
    remedy: 'create the database, or correct its name',
  },
  permission: {
    found: 'the user may not read the revisions table',
    remedy: 'grant the user USAGE on its schema and SELECT on the table',
  },
  timeout: {
    found: 'the database did not answer in time',
    remedy: 'try again; check locks on the revisions table',
  },
  'too-many-connections': {
    found: 'the database has no connection left',
    remedy: 'try again; check its connection limit',
  },
  'forbidden-address': {
    found: 'the settings do not let this address be connected to',
    remedy: 'add the host to database.allowedHosts in the settings, if it is meant',
  },
  'malformed-table': {
    found: 'the revisions table does not look like one that Atlas made',
    remedy: 'compare its columns with those of the Atlas version in use',
  },
  unsupported: {
    found: 'this kind of database cannot be read here',
    remedy: 'check the directory with "atlas migrate status" instead',
  },
  other: {
    found: 'the revisions table could not be read',
    remedy: 'try again; the log has more',
  },
}
