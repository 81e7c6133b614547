import t from 'tap'
import { parseDatabaseUrl } from '../../../src/policy/url/database-url.js'
import { isPlainName, startupParameters } from '../../../src/policy/url/driver-parameters.js'

/**
 * Recorded with the engine's own driver (lib/pq v1.12.3 under Atlas v1.2.3) on PostgreSQL 15: query
 * strings that it refuses before any server is asked.
 */
const refused: readonly (readonly [query: string, problem: RegExp])[] = [
  ['connect_timeout=5s', /write connect_timeout=5$/],
  ['connect_timeout=5.5', /whole number of seconds/],
  ['connect_timeout=0x5', /whole number of seconds/],
  ['connect_timeout=+5', /whole number of seconds/],
  ['sslmode=no-verify', /sslmode of the URL is none of disable, allow/],
  ['sslnegotiation=foo', /sslnegotiation/],
  ['sslrootcert=system&sslmode=require', /too weak for its sslrootcert=system.*verify-full/],
  ['sslrootcert=system&sslmode=disable', /too weak for its sslrootcert=system/],
  ['sslrootcert=system&sslmode=verify-ca', /too weak for its sslrootcert=system/],
  ['sslnegotiation=direct&sslmode=disable', /too weak for its sslnegotiation=direct/],
  ['sslmode=prefer&sslnegotiation=direct', /too weak for its sslnegotiation=direct/],
  ['sslnegotiation=direct&sslmode=allow', /too weak for its sslnegotiation=direct/],
  ['ssl_max_protocol_version=TLSv1', /TLSv1\.0/],
  ['min_protocol_version=9', /none of 3\.0, 3\.2, latest/],
  ['target_session_attrs=rw', /read-write/],
  ['load_balance_hosts=x', /none of disable, random/],
  ['binary_parameters=maybe', /none of yes, no/],
  ['binary_parameters=Yes', /none of yes, no/],
  ['client_encoding=latin1', /not UTF8/],
  ['datestyle=ISO', /none of ISO, MDY/],
  ['a%20b=c', /blank or an equals sign in its name/],
  ['=x', /has no name/],
  ['replication=database', /no migration can run/],
  ['replication=true', /no migration can run/],
]

/** Recorded in the same way: what it takes, or leaves to the server. */
const taken = [
  'connect_timeout=5',
  'connect_timeout=-1',
  'connect_timeout=',
  'sslmode=',
  'sslmode=prefer',
  'binary_parameters=yes',
  'client_encoding=utf8',
  'client_encoding=UTF-8',
  'datestyle=ISO,%20MDY',
  'sslrootcert=/nope/ca.pem',
  'sslrootcert=system',
  'sslrootcert=system&sslmode=',
  'sslrootcert=system&sslmode=verify-full',
  'sslrootcert=&sslmode=disable',
  'sslnegotiation=direct',
  'sslnegotiation=direct&sslmode=require',
  'sslnegotiation=direct&sslmode=verify-ca',
  'sslnegotiation=postgres&sslmode=disable',
  'krbsrvname=x',
  'replication=false',
  '_pq_.x=1',
  'service=',
  'work_mem=huge',
  'x',
  '=',
]

void t.test('What the driver itself refuses is named without the value', async t => {
  for (const [query, problem] of refused) {
    const parsed = parseDatabaseUrl(`postgres://u:p@h/d?${query}`)
    t.match(parsed, { kind: 'invalid', ofParameter: true, problem }, query)
  }
  for (const query of taken)
    t.match(parseDatabaseUrl(`postgres://u:p@h/d?${query}`), { kind: 'parsed' }, query)
})

void t.test('What the driver does not know goes to the server', async t => {
  const parsed = parseDatabaseUrl(
    'postgres://u:p@h/d?sslmode=disable&schema=&role=r&role=s&options=-c%20x%3D1&SSLMODE=a&application_name=n&_pq_.x=1&replication=false&__proto__=x&%20b=1&database=e',
  )
  if (parsed.kind === 'invalid') throw new Error(parsed.problem)
  t.same(startupParameters(parsed.parameters), [
    ['role', 'r'],
    ['options', '-c x=1'],
    ['SSLMODE', 'a'],
    ['__proto__', 'x'],
    ['b', '1'],
  ])
  t.equal(parsed.database, 'e')
})

void t.test('A name is shown that looks like one', async t => {
  for (const name of ['schema', 'x-migrations-table', 'my.setting']) t.ok(isPlainName(name), name)
  for (const name of ['', '1', 'a b', 'pass:word', 'p@ss', 'a'.repeat(64)])
    t.notOk(isPlainName(name), name)
})

/** Recorded with the engine's own driver (go-sql-driver v1.10.1 under Atlas v1.2.3) on MariaDB 10.11. */
const refusedByMysql: readonly (readonly [query: string, problem: RegExp])[] = [
  ['tls=bogus', /^the tls of the URL is none of true, false/],
  ['timeout=5', /timeout of the URL is no duration/],
  ['readTimeout=abc', /no duration/],
  ['multiStatements=maybe', /neither true nor false/],
  ['allowNativePasswords=2', /neither true nor false/],
  ['interpolateParams=yes', /neither true nor false/],
  ['maxAllowedPacket=5M', /no whole number/],
]

/** What it takes, or leaves to the server. */
const takenByMysql =
  'tls=preferred tls=FALSE tls= tls=custom tls=own&ssl-ca=/ca.pem parseTime=yes timeout=5s timeout=1h2m timeout=.5s timeout=0 timeout=-1s compress=1 maxAllowedPacket=-1 charset=utf8mb4,utf8 sql_mode=ANSI loc=Local'.split(
    ' ',
  )

void t.test("MySQL's driver has rules of its own", async t => {
  for (const [query, problem] of refusedByMysql) {
    for (const scheme of ['mysql', 'maria']) {
      const parsed = parseDatabaseUrl(`${scheme}://u:p@h/d?${query}`)
      t.match(parsed, { kind: 'invalid', ofParameter: true, problem }, query)
    }
  }
  for (const query of takenByMysql)
    t.match(parseDatabaseUrl(`mysql://u:p@h/d?${query}`), { kind: 'parsed' }, query)
})
