import type { DatabaseFailure, Facts } from '../facts/facts.js'
import type { Finding, Rule } from '../facts/finding.js'
import { bareHostConcealed } from '../url/bare-host.js'
import { tableRightsProblem } from '../outcome/table-rights.js'

export const databaseError: Rule = {
  id: 'database-error',
  title:
    'The revisions table could not be read, so nothing is known about what the operator would do.',
  why: 'A verdict on a directory needs the rows of its database. What cannot be read is not guessed: the answer is "cannot decide", which the setting onError turns into a warning or a denial.',
  severity: 'warn',
  evidence: 'database',
  order: 4170,
  since: '0.1.0',
  evaluate,
}

function evaluate(facts: Facts): Finding | null {
  const { table } = facts
  // url-invalid names the parameter.
  if (table.kind !== 'failed' || table.failure === 'parameter-refused') return null
  // Missing rights, where it is known which ones, are found by the rule privilege-missing.
  if (tableRightsProblem(facts) !== null) return null
  return {
    found: `cannot decide: ${table.message}`,
    expected: 'a database whose revisions table can be read',
    remedy: remedyFor(facts, table.failure),
    field: 'spec.url',
    subjects: [table.failure],
  }
}

/** A bare name may be the reason, whatever became of the attempt, so this tells nothing of a port. */
function remedyFor(facts: Facts, failure: DatabaseFailure): string {
  const host = remedies[failure] === checkConnection ? bareHostConcealed(facts) : null
  return host === null ? remedies[failure] : `${host.because}; ${host.remedy}`
}

/**
 * One text for every way in which no connection is made. Whoever may write an AtlasMigration can
 * have this process connect anywhere, and must not learn an open port from a closed or a filtered
 * one.
 */
const checkConnection =
  'check host and port, network policies, database.allowedHosts in the policy, and that it runs'

const remedies: Readonly<Record<DatabaseFailure, string>> = {
  unreachable: checkConnection,
  refused: checkConnection,
  timeout: checkConnection,
  'forbidden-address': checkConnection,
  'socket-elsewhere':
    'use a TCP host, or mount the folder of the socket here and name it in database.allowedHosts',
  tls: 'check sslmode and the root certificate',
  authentication: 'check the credentials in the Secret',
  'parameter-refused': 'correct the parameters of the URL',
  'database-missing': 'create the database, or correct its name',
  permission: 'grant the user USAGE on its schema and SELECT on the table',
  'login-withheld': 'let the role use scram-sha-256, or put the whole URL into one Secret',
  'too-many-connections': 'try again; check its connection limit',
  'malformed-table': 'compare its columns with those of the Atlas version in use',
  unsupported: 'check the directory with "atlas migrate status" instead',
  other: 'try again; the log has more',
}
