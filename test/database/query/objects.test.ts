import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Facts } from '../../../src/policy/facts/facts.js'
import { parseObjectRows } from '../../../src/database/query/objects-facts.js'
import { askedObjects } from '../../../src/policy/objects/pending-objects.js'
import { fileNotRunnable } from '../../../src/policy/rules/file-not-runnable.js'
import { pendingObjectExists } from '../../../src/policy/rules/pending-object-exists.js'
import { privilegeMissing } from '../../../src/policy/rules/privilege-missing.js'
import { buildFacts } from '../../policy/facts/facts-builder.js'
import {
  createDatabase,
  createRevisionsTable,
  execute,
  insertRevisions,
  startTestPostgres,
} from '../test-postgres.js'
import { ask, buildTestReader, soon } from '../test-reader.js'

t.setTimeout(300_000)
t.comment('timeout=120000')
const server = await startTestPostgres(t, { auth: 'trust' })

/**
 * What the real engine (Atlas v1.2.3 with its driver, on PostgreSQL 15) said when it ran the files
 * on a database made with `setup`: as a superuser for `exists`, and as the role app, with `rights`
 * on top, for `rights`; for `settings` on an empty database. null: it ran them.
 */
interface Recorded {
  readonly setup: string
  readonly rights: string
  readonly outcomes: Readonly<Record<'exists' | 'rights' | 'settings', readonly Outcome[]>>
}

interface Outcome {
  readonly name: string
  readonly files: readonly string[]
  readonly error: string | null
}

const recorded = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/outcomes/objects.json', import.meta.url), 'utf8'),
) as Recorded

const roles = ['catalog_app LOGIN', 'catalog_team', 'catalog_there']
for (const role of roles) await execute(await createDatabase(server), `CREATE ROLE ${role}`)

async function prepare(...more: readonly string[]): Promise<string> {
  const url = await createDatabase(server)
  await createRevisionsTable(url)
  await insertRevisions(url, [{ version: '0', type: 1, applied: 0, total: 0 }])
  await execute(url, recorded.setup, ...more)
  return url
}

const reader = buildTestReader(t)

async function factsOf(url: string, { files }: Pick<Outcome, 'files'>): Promise<Facts> {
  const query = ask(url)
  const table = await reader.readTable(query, soon())
  const named = files.map((text, index) => [`${index + 1}.sql`, text])
  const target = { database: new URL(url).pathname.slice(1) }
  const situation = { files: Object.fromEntries(named) as Record<string, string>, table, target }
  const asked = askedObjects(buildFacts(situation))
  if (asked.length === 0) return buildFacts(situation)
  const objects = await reader.readObjects({ url: query.url, objects: asked }, soon())
  t.ok(objects, 'the database answers')
  return { ...buildFacts(situation), objects: objects ?? new Map() }
}

void t.test('What is there already is found where the engine fails, and nowhere else', async t => {
  const url = await prepare()
  for (const outcome of recorded.outcomes.exists) {
    const finding = pendingObjectExists.evaluate(await factsOf(url, outcome))
    const fails = outcome.error !== null && outcome.error.includes('already exists')
    t.equal(finding !== null, fails, `${outcome.name}: ${finding?.found ?? 'nothing'}`)
    if (fails) {
      const name = /"(\w+)"/.exec(outcome.error ?? '')?.[1]
      t.match(finding?.found, name, `${outcome.name} is named`)
    }
  }
})

void t.test('What the role may not do is found where the engine fails', async t => {
  const url = (await prepare(recorded.rights)).replace(/\/\/[^@]*@/, '//catalog_app@')
  for (const outcome of recorded.outcomes.rights) {
    const finding = privilegeMissing.evaluate(await factsOf(url, outcome))
    t.equal(finding !== null, outcome.error !== null, `${outcome.name}: ${finding?.found}`)
    if (finding) t.equal(finding.severity, 'warn')
  }
})

void t.test(
  'A parameter that the server does not know is found where the engine fails',
  async t => {
    const superuser = await prepare()
    const app = (await prepare(recorded.rights)).replace(/\/\/[^@]*@/, '//catalog_app@')
    for (const url of [superuser, app])
      for (const outcome of recorded.outcomes.settings) {
        const finding = fileNotRunnable.evaluate(await factsOf(url, outcome))
        const [, name] = /parameter "(\w+)"/.exec(outcome.error ?? '') ?? []
        t.equal(finding !== null, name !== undefined, `${outcome.name}: ${finding?.found}`)
        if (name === undefined) continue
        t.match(finding?.found, `does not know the parameter ${name}`, outcome.name)
        t.equal(finding?.severity, undefined, 'it is denied')
      }
  },
)

void t.test('A name without a schema is that of the search path of a new session', async t => {
  const url = await prepare('CREATE TABLE shop.orders (id int)', 'DROP TABLE orders CASCADE')
  const created = { files: ['CREATE TABLE orders (id int);\n'] }
  const found = async (parameters: string) =>
    pendingObjectExists.evaluate(await factsOf(`${url}${parameters}`, created))?.found
  t.equal(await found(''), undefined, 'public has none')
  const bound = await found(url.includes('?') ? '&search_path=shop' : '?search_path=shop')
  t.match(bound, /table shop\.orders/, 'the schema of the URL')
  const name = new URL(url).pathname.slice(1)
  await execute(url, `ALTER ROLE catalog_app IN DATABASE ${name} SET search_path = nowhere, shop`)
  await execute(url, 'GRANT USAGE ON SCHEMA shop TO catalog_app')
  await execute(url, 'GRANT USAGE ON SCHEMA atlas_schema_revisions TO catalog_app')
  await execute(url, 'GRANT SELECT ON ALL TABLES IN SCHEMA atlas_schema_revisions TO catalog_app')
  const asApp = url.replace(/\/\/[^@]*@/, '//catalog_app@')
  const ofRole = pendingObjectExists.evaluate(await factsOf(asApp, created))
  t.match(ofRole?.found, /table shop\.orders/, 'the first schema of the role that is there')
})

void t.test('Names travel as they are, whatever they hold', async t => {
  const url = await prepare(`CREATE TABLE "a'); DROP TABLE orders; --\\" (id int)`)
  const files = [`CREATE TABLE "a'); DROP TABLE orders; --\\" (id int);\n`]
  t.match(pendingObjectExists.evaluate(await factsOf(url, { files })), { at: { file: '1.sql' } })
  const still = await factsOf(url, { files: ['CREATE TABLE orders (id int);\n'] })
  t.match(pendingObjectExists.evaluate(still)?.found, /table public\.orders/)
})

const asked = [{ kind: 'relation', schema: null, table: null, name: 'a' }] as const
const entry = { n: 0, exists: true, owned: true, mayDrop: true, mayCreate: true }

void t.test('An answer that no query gets is refused', t => {
  const parse = (answer: unknown) => () => parseObjectRows([[JSON.stringify(answer)]], asked)
  t.doesNotThrow(parse([{ ...entry, schema: null, owner: 'x' }]))
  for (const [name, answer] of Object.entries({
    'another length': [],
    'an index that was not asked for': [{ ...entry, n: 1 }],
    'a negative index': [{ ...entry, n: -1 }],
    'a long name': [{ ...entry, owner: 'x'.repeat(257) }],
    'another type': [{ ...entry, exists: 'yes' }],
    'no list': { ...entry },
  }))
    t.throws(parse(answer), { message: /^the revisions table is malformed/ }, name)
  t.end()
})
