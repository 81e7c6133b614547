import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { explainSaidInGeneral, knownSentences } from '../../../src/policy/explain/said.js'

/** Every text under `message` or `error` in an answer of the real engine. */
function* messages(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, child] of Object.entries(value))
    if (typeof child === 'string' && ['message', 'error'].includes(key)) yield child
    else yield* messages(child)
}

const recorded = ['vectors', 'vectors-extra'].flatMap(folder =>
  readdirSync(`test/fixtures/${folder}`)
    .filter(name => name.endsWith('.json'))
    .flatMap(name => [
      ...messages(JSON.parse(readFileSync(`test/fixtures/${folder}/${name}`, 'utf8'))),
    ]),
)

/** Texts that stand for a database's own in the vectors, and values that no API server stores. */
const madeUp =
  /^$|boom|^line one|^unknown execution order|allow-dirty are mutually exclusive|^checksum line/

void t.test('what the engine says in the recorded vectors is known', async t => {
  const unknown = new Set(
    recorded.filter(text => !madeUp.test(text) && explainSaidInGeneral(text) === null),
  )
  t.ok(recorded.length > 100)
  t.strictSame([...unknown], [])
})

const meanings: readonly [said: string, meaning: RegExp][] = [
  // The reasons of the Ready condition and of Events, as they are read off different clients.
  ['Migrating', /refused or failed at/],
  ['reason: ReadingMigrationData', /has not looked at the database/],
  ['Degraded: ProtectedFlowError', /took the rows for a downgrade/],
  ['Warning  BackoffLimitExceeded', /has given up/],
  ['Ready=False (GettingDevDB)', /could not start the dev database/],
  ['Login', /did not accept the token/],
  // Sentences of drivers, with what a client puts around them.
  [
    'Error: dial tcp: lookup db-rw on 10.96.0.10:53: no such host',
    /known to nobody whom the operator asks/,
  ],
  ['pq: password authentication failed for user "app"', /with another password/],
  ['pq: SSL is not enabled on the server', /speaks no TLS/],
  ['FATAL: sorry, too many clients already', /no connection left/],
  ['pq: unsupported startup parameter: search_path', /PgBouncer/],
  ['pq: unrecognized configuration parameter "schema"', /another driver/],
  ['sql/sqlclient: unknown driver "jdbc"', /names no database that Atlas knows/],
  ['pq: permission denied for schema public', /may not do/],
  ['pq: canceling statement due to lock timeout', /waited for a table/],
  // Sentences about files and objects.
  ['Error: executing statement "ALTER TABLE x" from version "1": pq: boom', /statement of a file/],
  [
    'executing statement "CREATE INDEX CONCURRENTLY": pq: CREATE INDEX CONCURRENTLY cannot run inside a transaction block',
    /outside of a transaction/,
  ],
  ['unknown txmode "x" found in file directive "1.sql"', /atlas:txmode/],
  ['You have a checksum error in your migration directory.', /atlas\.sum is not that/],
  ['configmaps "shop-migrations" not found', /ConfigMap/],
  ['the object has been modified; please apply your changes', /while the operator wrote/],
  ['No migration files to execute', /It is no error/],
]

for (const [said, meaning] of meanings)
  void t.test(said, async t => {
    const answer = explainSaidInGeneral(said)
    t.match(answer?.meaning, meaning)
    t.ok(answer?.causes.every(({ state }) => state === 'possible'))
    t.equal(answer?.again, null)
  })

void t.test('prose is no reason, and nothing is guessed', async t => {
  t.equal(explainSaidInGeneral('everything is fine'), null)
  const prose =
    'the login page of our shop is slow since the team is migrating all of its services to it'
  t.equal(explainSaidInGeneral(prose), null)
})

void t.test('each known sentence is found by its own words', async t => {
  for (const sentence of knownSentences) t.not(explainSaidInGeneral(sentence), null, sentence)
})
