import { bareHost } from '../url/bare-host.js'
import { found, perhaps, type Seen, type Situation } from './said-cause.js'
import type { Sentence } from './said-sentences.js'

function bareName({ facts }: Situation): Seen {
  if (facts.target.kind !== 'resolved') return { state: 'possible' }
  const bare = bareHost(facts)
  return bare === null ? { state: 'ruled-out' } : { state: 'this', ...bare, rule: null }
}

const secretMissing = { text: 'a Secret or its key is not there', look: found('secret-not-found') }
const refused = { text: 'the database says so now as well', look: found('database-error') }
const reach = 'what the operator reaches and what this command reaches can differ'

/** Sentences of drivers and networks: the operator did not get as far as the revisions table. */
export const connectionSentences: readonly Sentence[] = [
  {
    words: ['no such host', 'name or service not known', 'server misbehaving'],
    meaning: 'the name of the database host is known to nobody whom the operator asks',
    advice: reach,
    causes: [
      { text: 'the host is the bare name of a Service', look: bareName },
      { text: 'the host is misspelt, or its Service is gone', look: perhaps },
      secretMissing,
    ],
  },
  {
    words: ['password authentication failed', 'access denied for user'],
    meaning: 'the database knows the user with another password, or not at all',
    advice: '',
    causes: [
      refused,
      { text: 'the password was changed after the operator read the Secret', look: perhaps },
      { text: 'a character of the password is not escaped in the URL', look: found('url-invalid') },
      secretMissing,
    ],
  },
  {
    words: ['ssl is not enabled on the server', 'tls is not supported'],
    meaning: 'the server speaks no TLS. Without an sslmode the driver of the operator asks for it',
    advice: 'add sslmode=disable to the URL only where the network is trusted',
    causes: [{ text: 'the URL has no sslmode, or one that asks for TLS', look: perhaps }, refused],
  },
  {
    words: ['too many clients', 'too many connections', 'remaining connection slots'],
    meaning: 'the server, or the role, has no connection left',
    advice: '',
    causes: [
      { text: 'others hold them; the operator tries again by itself', look: perhaps },
      refused,
    ],
  },
  {
    words: ['unsupported startup parameter'],
    meaning: 'the connection goes through PgBouncer, which refuses a parameter of the URL',
    advice: 'migrations need a session of their own: connect to the database, not to the pooler',
    causes: [
      { text: 'the host or port is that of a pooler', look: found('connection-pooler') },
      { text: 'the URL has a parameter that the server does not know', look: found('url-invalid') },
      { text: 'the host is a pooler under another name', look: perhaps },
    ],
  },
  {
    words: ['unrecognized configuration parameter', 'cannot be changed now'],
    meaning: 'the URL has a parameter that is meant for another driver, and the server refuses it',
    advice: '',
    causes: [
      { text: 'the URL has such a parameter', look: found('url-invalid') },
      { text: 'a migration file sets it', look: perhaps },
    ],
  },
  {
    words: ['pq: wrong value for', 'invalid value for parameter'],
    meaning: "the operator's driver or the server refuses the value of a parameter of the URL",
    advice: '',
    causes: [
      { text: 'the URL has such a value', look: found('url-invalid') },
      { text: 'a migration file sets it', look: perhaps },
    ],
  },
  {
    words: ['unknown driver'],
    meaning: 'the scheme of the URL names no database that Atlas knows',
    advice:
      'Atlas writes postgres://, mysql://, maria://, sqlite://; a jdbc: in front is not for it',
    causes: [
      { text: 'the scheme is another', look: found('url-invalid') },
      secretMissing,
      { text: 'the value of the Secret is not a URL', look: perhaps },
    ],
  },
  {
    words: ['lock timeout', 'lock wait timeout', 'deadlock detected'],
    meaning: 'a statement waited for a table that somebody else holds',
    advice: 'the file is run again from the statement that failed, or from its start',
    causes: [
      { text: 'a migration is still running', look: found('migration-in-progress') },
      { text: 'an application holds the table in a long transaction', look: perhaps },
    ],
  },
  {
    words: ['connection refused', 'i/o timeout', 'connection reset', 'context deadline exceeded'],
    meaning: 'the operator does not get into the database',
    advice: 'what the operator reaches and what this command reaches can differ',
    causes: [
      { text: 'the database does not let anybody in', look: found('database-error') },
      { text: 'a Secret or its key is not there', look: found('secret-not-found') },
      { text: 'the URL is not what it seems', look: found('url-invalid') },
    ],
  },
]
