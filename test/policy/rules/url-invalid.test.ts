import t from 'tap'
import type { Facts, RefusedParameter, TableFacts } from '../../../src/policy/facts/facts.js'
import { databaseError } from '../../../src/policy/rules/database-error.js'
import { urlInvalid } from '../../../src/policy/rules/url-invalid.js'
import { resolved, specFacts } from './object-facts.js'

const url = { url: 'x' }

const read = (revisions: readonly [] | null): TableFacts => ({
  kind: 'read',
  identity: { system: '1', database: '2', identifier: null },
  revisions,
  notClean: null,
  ambiguous: false,
  elsewhere: [],
  locked: false,
})

const refused = (parameter: string | null, reason: RefusedParameter['reason']): TableFacts => ({
  kind: 'failed',
  failure: 'parameter-refused',
  message: 'm',
  refused: { parameter, reason },
})

void t.test('A parameter that the server refused is named, with the right one', async t => {
  const startup = ['schema', 'connection_limit', 'work_mem', 'SSLMODE', 'search_path', 'options']
  const of = (table: TableFacts, fromSecret = false) =>
    urlInvalid.evaluate(specFacts(url, { table, target: resolved({ startup, fromSecret }) }))
  t.match(of(refused('schema', 'unknown')), {
    found: 'the server refuses the login: unrecognized configuration parameter "schema"',
    remedy: "write search_path in place of schema (which is Prisma's)",
    subjects: ['schema'],
    details: ["also remove connection_limit from the URL (it is Prisma's)"],
    severity: undefined,
  })
  t.match(of(refused('SSLMODE', 'unknown')), { remedy: /^write sslmode instead of SSLMODE/ })
  t.match(of(refused('work_mem', 'value')), { remedy: /^correct the value of work_mem/ })
  t.match(of(refused('search_path', 'pooler')), { found: /pooler/, remedy: /own host and port/ })
  t.match(of(refused('options', 'unknown')), { found: /what the parameter "options"/ })
  t.match(of(refused('schema', 'unknown'), true), { severity: 'warn' }, 'from a Secret')
  for (const hidden of [null, 'pass word', 'unlisted'])
    t.match(of(refused(hidden, 'unknown')), { found: /parameter of the URL$/ }, `${hidden}`)
  const facts = specFacts(url, { table: refused('schema', 'unknown'), target: resolved() })
  t.equal(databaseError.evaluate(facts), null, 'it is said once')
})

void t.test('A known parameter of another tool warns where no server was asked', async t => {
  const of = (startup: readonly string[], known = {}) =>
    urlInvalid.evaluate(specFacts(url, { target: resolved({ startup }), ...known }))
  t.match(of(['currentSchema', 'sslmode']), {
    severity: 'warn',
    remedy: "write search_path in place of currentSchema (which is JDBC's)",
    subjects: ['currentSchema'],
  })
  t.equal(of(['work_mem', 'constructor']), null, 'what the server may know')
  t.equal(of(['schema'], { table: read([]) }), null, 'the server let it pass')
  const mysql = resolved({ dialect: 'mysql', startup: ['useSSL', 'parseTime'] })
  t.match(urlInvalid.evaluate(specFacts(url, { target: mysql })), { remedy: /^write tls/ })
})

/**
 * Recorded with Atlas's own command line (v1.2.3) on PostgreSQL 15: with each of these, `migrate
 * apply` fails on a new database, whether a schema of that name is there or not.
 */
const misread = [
  'Mixed',
  '"Mixed"',
  '"public"',
  '$user',
  ' public',
  'public ',
  'a,b',
  's'.repeat(64),
]

/** Recorded in the same way: it makes the schema where it is missing, and succeeds. */
const fine = ['my-schema', 'missing', 'public', 'user$', 's'.repeat(63)]

void t.test('A schema that Atlas and the server read differently is denied', async t => {
  for (const boundSchema of misread) {
    const target = resolved({ boundSchema })
    const of = (known: object, spec = {}) =>
      urlInvalid.evaluate(specFacts({ ...url, ...spec }, { target, ...known }))
    const found = { subjects: ['search_path'], field: 'spec.url' }
    t.match(of({ table: read(null) }), { ...found, severity: undefined }, boundSchema)
    t.match(of({ table: read([]) }, { revisionsSchema: 'r' }), { severity: 'warn' }, boundSchema)
    const unasked = boundSchema === 'a,b' ? undefined : 'warn'
    t.match(of({}), { ...found, severity: unasked }, `${boundSchema}, the database was not asked`)
  }
  for (const boundSchema of fine)
    t.equal(urlInvalid.evaluate(specFacts(url, { target: resolved({ boundSchema }) })), null)
})

void t.test('spec.revisionsSchema is opened as a search_path too', async t => {
  const of = (revisionsSchema: string, table: TableFacts) =>
    urlInvalid.evaluate(specFacts({ ...url, revisionsSchema }, { table, target: resolved() }))
  for (const name of misread)
    t.match(of(name, read(null)), { field: 'spec.revisionsSchema', severity: undefined }, name)
  // `migrate status` and `migrate apply` find a table that is there already.
  t.equal(of('Mixed', read([])), null)
  t.match(of('Mixed', { kind: 'unread' }), { severity: 'warn' })
  for (const name of fine) t.equal(of(name, read(null)), null, name)
})

void t.test(
  'A database that is not reached under a bare name gets a namespace as advice',
  async t => {
    const table: TableFacts = { kind: 'failed', failure: 'unreachable', message: 'm' }
    const of = (host: string, fromSecret = false) =>
      databaseError.evaluate(specFacts(url, { table, target: resolved({ host, fromSecret }) }))
        ?.remedy
    t.match(of('shop-rw'), /^shop-rw has no namespace: .* write shop-rw\.default/)
    t.match(of('shop-rw', true), /^the host of the URL has no namespace/)
    for (const host of ['shop-rw.app', 'localhost', '10.0.0.1', '::1', '/run/pg', 'a,b'])
      t.match(of(host), /^check host and port/, host)
  },
)

void t.test('The URL of the dev database is looked at too, and only warns', async t => {
  const of = (devTarget: Facts['devTarget']) =>
    urlInvalid.evaluate(
      specFacts({ ...url, devURL: 'x' }, { target: resolved(), table: read([]), devTarget }),
    )
  t.match(of(resolved({ startup: ['schema'] })), {
    field: 'spec.devURL',
    severity: 'warn',
    found: /^spec\.devURL: schema of the URL is no parameter/,
  })
  t.match(of({ kind: 'invalid', problem: 'p', fromSecret: false, ofParameter: true }), {
    severity: 'warn',
    found: 'spec.devURL: p',
  })
  t.equal(of(resolved({ startup: ['search_path'] })), null)
  t.equal(of({ kind: 'none' }), null)
})

void t.test('what 0.1.0 let pass is told from what it denied', async t => {
  const since = (known: Partial<Facts>) => urlInvalid.evaluate(specFacts(url, known))?.since
  const invalid = { kind: 'invalid', problem: 'p', fromSecret: false } as const
  const bound = (boundSchema: string) => ({
    target: resolved({ boundSchema }),
    table: read(null),
  })
  t.equal(since({ target: invalid }), undefined)
  t.equal(since({ target: { ...invalid, ofParameter: true } }), '0.2.0')
  t.equal(since({ target: resolved(), table: refused('schema', 'unknown') }), '0.2.0')
  t.equal(since(bound('a,b')), undefined)
  t.equal(since(bound('Shop')), '0.2.0')
})
