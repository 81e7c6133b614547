import t from 'tap'
import type { Facts } from '../../../src/policy/facts/facts.js'
import { privilegeMissing } from '../../../src/policy/rules/privilege-missing.js'
import { tableRightsProblem } from '../../../src/policy/outcome/table-rights.js'
import { buildFacts, files } from '../../policy/facts/facts-builder.js'
import {
  createDatabase,
  createRevisionsTable,
  execute,
  startTestPostgres,
} from '../test-postgres.js'
import { ask, buildTestReader, soon } from '../test-reader.js'

t.setTimeout(300_000)
t.comment('timeout=120000')
const server = await startTestPostgres(t, { auth: 'trust' })

const table = 'atlas_schema_revisions.atlas_schema_revisions'
const readRights = `GRANT USAGE ON SCHEMA atlas_schema_revisions TO app; GRANT SELECT ON ${table} TO app;`
const allRights = `${readRights} GRANT INSERT, UPDATE ON ${table} TO app;`
const security = `${allRights} ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;`
const schema = 'CREATE SCHEMA atlas_schema_revisions;'

/** Atlas has a table, and the database is as another tool made it otherwise. */
interface Situation {
  readonly sql: string
  readonly hasTable?: true
  readonly boundSchema?: string
  /**
   * What the Atlas command line (community, commit a5e0aecc) said to `migrate apply` with a file
   * pending, run on PostgreSQL 15 with the same statements; null: it applied the file.
   */
  readonly said: string | null
  /** What the rule says to run, which makes the operator succeed. */
  readonly fix?: string
}

const situations: Readonly<Record<string, Situation>> = {
  'no schema, and no CREATE on the database': {
    sql: '',
    said: 'Add new schema named "atlas_schema_revisions": pq: permission denied for database DB (42501)',
    fix: 'GRANT CREATE ON DATABASE DB TO app',
  },
  'no schema, and CREATE on the database': {
    sql: 'GRANT CREATE ON DATABASE DB TO app',
    said: null,
  },
  'CREATE through a group': {
    sql: 'GRANT CREATE ON DATABASE DB TO team; GRANT team TO app',
    said: null,
  },
  'a group whose rights are not inherited': {
    sql: 'GRANT CREATE ON DATABASE DB TO team; ALTER ROLE app NOINHERIT; GRANT team TO app',
    said: 'Add new schema named "atlas_schema_revisions": pq: permission denied for database DB (42501)',
    fix: 'GRANT CREATE ON DATABASE DB TO app',
  },
  'a schema of another role': {
    sql: schema,
    said: 'sql/schema: create "atlas_schema_revisions" table: pq: no schema has been selected to create in at column 14 (3F000)',
    fix: 'GRANT CREATE, USAGE ON SCHEMA atlas_schema_revisions TO app',
  },
  'a schema with USAGE alone': {
    sql: `${schema} GRANT USAGE ON SCHEMA atlas_schema_revisions TO app`,
    said: 'sql/schema: create "atlas_schema_revisions" table: pq: permission denied for schema atlas_schema_revisions at column 14 (42501)',
    fix: 'GRANT CREATE ON SCHEMA atlas_schema_revisions TO app',
  },
  'a schema with CREATE alone': {
    sql: `${schema} GRANT CREATE ON SCHEMA atlas_schema_revisions TO app`,
    said: 'sql/schema: create "atlas_schema_revisions" table: pq: no schema has been selected to create in at column 14 (3F000)',
    fix: 'GRANT USAGE ON SCHEMA atlas_schema_revisions TO app',
  },
  'a schema with both': {
    sql: `${schema} GRANT CREATE, USAGE ON SCHEMA atlas_schema_revisions TO app`,
    said: null,
  },
  "PostgreSQL 15's public schema, to which the URL is bound": {
    sql: 'REVOKE CREATE ON SCHEMA public FROM public',
    boundSchema: 'public',
    said: 'sql/schema: create "atlas_schema_revisions" table: pq: permission denied for schema public at column 14 (42501)',
    fix: 'GRANT CREATE ON SCHEMA public TO app',
  },
  'a table of which the role may do nothing': {
    sql: '',
    hasTable: true,
    said: 'sql/schema: create "atlas_schema_revisions" table: pq: no schema has been selected to create in at column 14 (3F000)',
    fix: `GRANT USAGE ON SCHEMA atlas_schema_revisions TO app; GRANT SELECT, INSERT, UPDATE ON ${table} TO app`,
  },
  'a table without SELECT': {
    sql: `GRANT USAGE ON SCHEMA atlas_schema_revisions TO app; GRANT INSERT, UPDATE ON ${table} TO app`,
    hasTable: true,
    said: 'sql/migrate: read revisions: pq: permission denied for table atlas_schema_revisions (42501)',
    fix: `GRANT SELECT ON ${table} TO app`,
  },
  'a table in a schema without USAGE': {
    sql: `GRANT SELECT, INSERT, UPDATE ON ${table} TO app`,
    hasTable: true,
    said: 'sql/migrate: read revisions: pq: permission denied for schema atlas_schema_revisions at column 768 (42501)',
    fix: 'GRANT USAGE ON SCHEMA atlas_schema_revisions TO app',
  },
  'a table that the role may only read': {
    sql: readRights,
    hasTable: true,
    said: 'sql/migrate: write revision: pq: permission denied for table atlas_schema_revisions (42501)',
    fix: `GRANT INSERT, UPDATE ON ${table} TO app`,
  },
  'a table without UPDATE': {
    sql: `${readRights} GRANT INSERT ON ${table} TO app`,
    hasTable: true,
    said: 'sql/migrate: write revision: pq: permission denied for table atlas_schema_revisions (42501)',
    fix: `GRANT UPDATE ON ${table} TO app`,
  },
  'a table with all three, and without DELETE': { sql: allRights, hasTable: true, said: null },
  'UPDATE of the columns that change': {
    sql: `${readRights} GRANT INSERT, UPDATE (type, applied, total, execution_time, error, error_stmt, hash, partial_hashes, operator_version) ON ${table} TO app`,
    hasTable: true,
    said: 'sql/migrate: write revision: pq: permission denied for table atlas_schema_revisions (42501)',
    fix: `GRANT UPDATE ON ${table} TO app`,
  },
  'UPDATE of every column': {
    sql: `${readRights} GRANT INSERT, UPDATE (version, description, executed_at, type, applied, total, execution_time, error, error_stmt, hash, partial_hashes, operator_version) ON ${table} TO app`,
    hasTable: true,
    said: null,
  },
  'a table without a column, of another role': {
    sql: `${allRights} ALTER TABLE ${table} DROP COLUMN partial_hashes`,
    hasTable: true,
    said: 'sql/schema: modify "atlas_schema_revisions" table: pq: must be owner of table atlas_schema_revisions (42501)',
    fix: `ALTER TABLE ${table} OWNER TO app`,
  },
  'a table without a column, of its own': {
    sql: `${allRights} ALTER TABLE ${table} DROP COLUMN partial_hashes; ALTER TABLE ${table} OWNER TO app`,
    hasTable: true,
    said: null,
  },
  'row level security without a policy': {
    sql: security,
    hasTable: true,
    said: 'sql/migrate: write revision: pq: new row violates row-level security policy for table "atlas_schema_revisions" (42501)',
    fix: `CREATE POLICY atlas ON ${table} TO app USING (true)`,
  },
  'row level security without a policy to read': {
    sql: `${security} CREATE POLICY u ON ${table} FOR UPDATE USING (true); CREATE POLICY i ON ${table} FOR INSERT WITH CHECK (true)`,
    hasTable: true,
    said: 'sql/migrate: write revision: pq: new row violates row-level security policy for table "atlas_schema_revisions" (42501)',
    fix: `CREATE POLICY atlas ON ${table} TO app USING (true)`,
  },
  'row level security with a policy for all': {
    sql: `${security} CREATE POLICY p ON ${table} USING (true)`,
    hasTable: true,
    said: null,
  },
  'row level security with a policy for each': {
    sql: `${security} CREATE POLICY u ON ${table} FOR UPDATE USING (true); CREATE POLICY i ON ${table} FOR INSERT WITH CHECK (true); CREATE POLICY s ON ${table} FOR SELECT USING (true)`,
    hasTable: true,
    said: null,
  },
  'row level security that does not hold for the owner': {
    sql: `${security} ALTER TABLE ${table} OWNER TO app`,
    hasTable: true,
    said: null,
  },
}

async function prepare({ sql, hasTable }: Situation): Promise<string> {
  const url = await createDatabase(server)
  const name = new URL(url).pathname.slice(1)
  await execute(url, 'DROP ROLE IF EXISTS app', 'DROP ROLE IF EXISTS team')
  await execute(url, 'CREATE ROLE app LOGIN', 'CREATE ROLE team')
  if (hasTable) await createRevisionsTable(url)
  if (sql !== '') await execute(url, sql.replaceAll('DB', name))
  return url
}

async function factsOf(url: string, boundSchema: string | null): Promise<Facts> {
  const revisionsSchema = boundSchema ?? 'atlas_schema_revisions'
  const asApp = url.replace(/\/\/[^@]*@/, '//app@')
  const query = ask(asApp, { boundSchema, revisionsSchema })
  const read = await buildTestReader(t).readTable(query, soon())
  const target = { database: new URL(url).pathname.slice(1), boundSchema, revisionsSchema }
  return buildFacts({ files: files('1'), table: read, target, rows: null })
}

/** The sentence without the step before it and the position behind it, which differ by the step. */
const core = (said: string) =>
  said.replace(/^.*pq: /, '').replace(/ (?:at column \d+ )?\(\w+\)$/, '')

void t.test('The rights that Atlas lacks for its table are found, and no others', async t => {
  for (const [name, situation] of Object.entries(situations)) {
    const { said, fix, boundSchema = null } = situation
    const url = await prepare(situation)
    const database = new URL(url).pathname.slice(1)
    const facts = await factsOf(url, boundSchema)
    const finding = privilegeMissing.evaluate(facts)
    t.equal(finding === null, said === null, `${name}: found where Atlas fails`)
    if (finding !== null && fix !== undefined) {
      t.equal(finding.remedy, `run ${fix.replaceAll('DB', database)}`, `${name}: remedy`)
      t.match(finding.found, /app/, `${name}: names the role`)
      const says = tableRightsProblem(facts)?.says ?? ''
      const recorded = core(said ?? '').replaceAll('DB', database)
      if (!/no schema has been selected/.test(recorded))
        t.match(says, recorded, `${name}: Atlas's words`)
      await execute(url, fix.replaceAll('DB', database))
      t.equal(privilegeMissing.evaluate(await factsOf(url, boundSchema)), null, `${name}: repaired`)
    }
    await execute(url, 'DROP OWNED BY app, team CASCADE', 'DROP ROLE app', 'DROP ROLE team')
  }
})

void t.test('A read-only default, a role and a superuser are told', async t => {
  const url = await prepare({
    sql: 'ALTER ROLE app SET default_transaction_read_only = on',
    said: null,
  })
  const access = (facts: Facts) => (facts.table.kind === 'read' ? facts.table.access : undefined)
  t.match(access(await factsOf(url, null)), {
    role: 'app',
    readOnly: true,
    standby: false,
    schemaMissing: true,
  })
  const superuser = await buildTestReader(t).readTable(ask(url), soon())
  t.match(superuser, { access: { readOnly: false, lacking: [] } })
})
