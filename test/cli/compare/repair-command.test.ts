import t from 'tap'
import { repairCommand } from '../../../src/cli/compare/repair-command.js'
import { compareTables } from '../../../src/policy/comparison/compare-tables.js'
import type { Revision } from '../../../src/atlas/engine/revision.js'
import { exported, row } from '../../policy/comparison/tables.js'

interface Case {
  /** null: no table. */
  readonly rows?: readonly Revision[] | null
  readonly notClean?: string | null
  readonly elsewhere?: readonly string[]
  readonly url?: string
  readonly place?: { readonly kind: 'env' | 'file'; readonly place: string }
  readonly schema?: string
}

const all = [row('1'), row('2'), row('3')]
const plain = 'postgres://app:s3cret@db:5432/shop?sslmode=disable'

function repair(given: Case) {
  const { rows = all.slice(0, 2), notClean = 'found schema "public"', elsewhere = [] } = given
  const { url = plain, place = { kind: 'env', place: 'NEW' }, schema } = given
  const named = schema === undefined ? {} : { revisionsSchema: schema }
  const from = exported('1', { ...named, table: { revisions: all } })
  const to = exported('2', { ...named, table: { revisions: rows, notClean, elsewhere } })
  const sides = [
    { exported: from, place: { kind: 'env', place: 'OLD' } as const, url: plain },
    { exported: to, place, url },
  ] as const
  return repairCommand(sides, compareTables(from, to))
}

const table = `--table='"atlas_schema_revisions"."atlas_schema_revisions"' --no-owner --no-privileges`
const file = '--file=atlas_schema_revisions.sql'
const psql = 'psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --single-transaction'

void t.test('a table that is there is replaced, one that is not is made', async t => {
  t.strictSame(repair({}), {
    copies: 'table',
    command: `pg_dump ${table} --clean --if-exists ${file} "$OLD" && ${psql} ${file} "$NEW"`,
  })
  t.strictSame(repair({ rows: null }), {
    copies: 'table',
    command: `pg_dump ${table} ${file} "$OLD" && ${psql} --command='CREATE SCHEMA IF NOT EXISTS "atlas_schema_revisions"' ${file} "$NEW"`,
  })
  t.notMatch(repair({ rows: null, schema: 'public' })?.command, 'CREATE SCHEMA')
})

void t.test('an empty database lacks more than the table', async t => {
  t.strictSame(repair({ rows: null, notClean: null }), {
    copies: 'database',
    command: `pg_dump --no-owner --no-privileges --file=database.sql "$OLD" && ${psql} --file=database.sql "$NEW"`,
  })
})

void t.test('nothing is copied over rows of another application, or beside a table', async t => {
  t.equal(repair({ rows: [row('7')] }), null)
  t.equal(repair({ rows: null, elsewhere: ['public'] }), null)
  t.equal(repair({ rows: all }), null, 'nothing is to be repaired')
})

void t.test('what libpq does not know is left out of the URL', async t => {
  const connections: readonly (readonly [string, string | null])[] = [
    [`${plain}&search_path=shop`, '"${NEW%%\\?*}?sslmode=disable"'],
    ['postgres://db/shop?search_path=shop', '"${NEW%%\\?*}"'],
    [`${plain}&role=owner`, "PGOPTIONS='-c role=owner' psql"],
    [`${plain}&role=own%20er`, null],
    [`${plain}&options=-c%20x%3D1`, null],
    ['postgres://db/shop?search_path=shop&application_name=a%20b', null],
  ]
  for (const [url, expected] of connections) {
    const command = repair({ url })?.command ?? null
    if (expected === null) t.equal(command, null, url)
    else t.ok(command?.includes(expected), url)
    t.notMatch(command ?? '', 's3cret')
  }
})

void t.test('a file is read by the shell, and a name that needs quotes is not named', async t => {
  const at = (kind: 'env' | 'file', place: string, url = plain) =>
    repair({ place: { kind, place }, url })?.command ?? null
  t.ok(at('file', '/run/url')?.endsWith('"$(cat /run/url)"'))
  t.ok(
    at('file', '/run/url', `${plain}&search_path=a`)?.endsWith(
      `"$(sed 's/?.*//' /run/url)?sslmode=disable"`,
    ),
  )
  t.equal(at('file', '/run/a b'), null)
  t.equal(at('env', 'A-B'), null)
})
