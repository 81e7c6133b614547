import { readFileSync } from 'node:fs'
import t from 'tap'
import { fileNotRunnable } from '../../../src/policy/rules/file-not-runnable.js'
import { objectKey } from '../../../src/policy/facts/catalog-objects.js'
import { contentFacts, predicted, resolved } from '../rules/object-facts.js'

// test/fixtures/outcomes/postgres-15.json holds what became of each file when the real engine (Atlas
// v1.2.3, with its own driver) ran it on PostgreSQL 15, after a first file named `setup` there.

interface Outcome {
  readonly text: string
  readonly error: string | null
}

const outcomes = (
  JSON.parse(readFileSync('test/fixtures/outcomes/postgres-15.json', 'utf8')) as {
    readonly files: readonly Outcome[]
  }
).files

/** What the text alone decides: the rest depends on what the database holds. */
const decided =
  /cannot run inside a transaction block|only be used in transaction blocks|at or near "[\\:#\uFEFF]|Copy(?:In|Out)Response|scanning statements|unsafe use of new value/

/** Only the database knows that these tables are partitioned, and what a body runs. */
const unseen = new Set([
  'REINDEX TABLE p;',
  'REINDEX INDEX pi;',
  'CLUSTER p USING pi;',
  "DO $$ BEGIN EXECUTE 'VACUUM'; END $$;",
])

/** PostgreSQL 15 does not know these forms; those that do take them in no transaction either. */
const newer = new Set(['REINDEX DATABASE;', 'CLUSTER (VERBOSE);'])

const found = (text: string, known = {}) =>
  fileNotRunnable.evaluate(
    contentFacts(
      { '2_f.sql': text },
      { target: resolved(), prediction: predicted(['2_f.sql']), ...known },
    ),
  )

for (const { text, error } of outcomes) {
  void t.test(`${JSON.stringify(text)}: ${error ?? 'runs'}`, async t => {
    const fails = error !== null && (newer.has(text) || (decided.test(error) && !unseen.has(text)))
    const finding = found(text)
    t.equal(finding !== null, fails, finding?.found ?? 'nothing found')
    if (finding === null) return
    // Whether a text means a new value of an enum is only known to the server.
    const severity = error?.startsWith('pq: unsafe use') === true ? 'warn' : undefined
    t.equal(finding.severity, severity, 'a pending file that cannot run is denied')
    const name = /pq: (.*?) (?:\.\.\. WITH .*)?(?:cannot run|can only)/.exec(error ?? '')?.[1]
    if (name !== undefined) t.match(finding.found, name.split(' ')[0]!)
  })
}

// The real engine on PostgreSQL 15: `syntax error at or near "$"` or `"{"` for each of the first,
// and success for the second.
void t.test('a placeholder that nothing replaced', async t => {
  for (const place of ['${schema}.n', 'app_${env}', '{{ .Values.schema }}.n', '{{x}}'])
    t.match(found(`CREATE TABLE ${place} (i int);\n`)?.found, /is a placeholder/, place)
  const quoted = [
    '-- ${schema} {{ x }}',
    "/* ${a} */ SELECT '${x}', '{{ y }}', $$ ${z} {{ q }} $$, $t1$ ${q} $t1$, '{{1}}'::int[];",
    'CREATE TABLE "${n}" (a$ int);',
    "DO $do$ BEGIN PERFORM '{{1,2},{3,4}}'::int[]; END $do$;",
  ]
  t.equal(found(quoted.join('\n')), null)
})

type Said = readonly [text: string, found: string, remedy: string, line: number]

const said: readonly Said[] = [
  [
    '--\n-- dump\n--\n\n\\restrict aBc\n\nSELECT 1;',
    String.raw`2_f.sql cannot run: line 5: \restrict is a command of psql`,
    String.raw`remove the lines \restrict and \unrestrict that pg_dump wrote and run ` +
      '`atlas migrate hash`',
    5,
  ],
  [
    'CREATE TABLE a (x int);\n\nCOPY a FROM stdin;\n1\n\\.\n',
    '2_f.sql cannot run: line 3: the rows of COPY ... FROM stdin cannot be sent by Atlas',
    'write them as INSERT statements (`pg_dump --inserts`) and run `atlas migrate hash`',
    3,
  ],
  [
    "SELECT 1;\nCOPY a FROM stdin;\nit's\n\\.\n",
    "2_f.sql cannot run: 3:3: unclosed quote '\\''",
    'write the rows of COPY (line 2) as INSERT statements (`pg_dump --inserts`) and run `atlas migrate hash`',
    2,
  ],
  [
    'SELECT 1 AS x\n\\gset\n',
    String.raw`2_f.sql cannot run: line 2: \gset is a command of psql`,
    'remove it, or write it as SQL and run `atlas migrate hash`',
    2,
  ],
  [
    'SELECT 1;\n-- big table\nCREATE INDEX CONCURRENTLY i\nON t (x);',
    '2_f.sql cannot run: line 3: CREATE INDEX CONCURRENTLY cannot run inside a transaction',
    'put `-- atlas:txmode none` and an empty line at its top and run `atlas migrate hash`',
    3,
  ],
  [
    '-- atlas:txmode none\n\nBEGIN;\nVACUUM;\nCOMMIT;',
    '2_f.sql cannot run: line 4: VACUUM cannot run inside a transaction',
    'remove the BEGIN before it and the COMMIT behind it and run `atlas migrate hash`',
    4,
  ],
]

for (const [text, sentence, remedy, line] of said) {
  void t.test(`says of ${JSON.stringify(text)} what to do`, async t => {
    t.match(found(text), { found: sentence, remedy, at: { file: '2_f.sql', line } })
  })
}

void t.test('only warns where it is not known what would run', async t => {
  t.equal(found('VACUUM;', { prediction: null })?.severity, 'warn')
  t.equal(found('VACUUM;', { prediction: predicted([]) }), null)
  t.equal(found('VACUUM;', { target: { kind: 'none' } }), null)
})

// Run on MariaDB 10.11 by the real engine: all but `\N` and USE fail, with error 1064 or 1065.
const mariadb: readonly (readonly [text: string, fails: boolean])[] = [
  ['source x.sql;\n', true],
  ['\\. x.sql\n', true],
  ['SELECT 1\\G\n', true],
  ['SELECT \\N;', false],
  ["SELECT 'it\\'s';", false],
  ['SELECT 1;\n\\q\n', true],
  ['tee x;', true],
  ['/*!40101 SET NAMES utf8 */;', true],
  ['/*M!999999\\- enable the sandbox mode */ \nCREATE TABLE a (x int);', false],
  ['use mysql;\nselect 1;', false],
  ['OPTIMIZE TABLE a;', false],
  ['\uFEFFCREATE TABLE a (x int);', true],
  ['# note\nCREATE TABLE a (x int);', false],
]

void t.test('knows the commands of the mysql client', async t => {
  for (const [text, fails] of mariadb) {
    const finding = found(text, { target: resolved({ dialect: 'mariadb' }), prediction: null })
    t.equal(finding?.severity, fails ? 'warn' : undefined, text)
  }
})

void t.test(
  'a parameter that the server does not know stands beside what else is wrong',
  async t => {
    const dump = String.raw`--
\restrict aBc

SET statement_timeout = 0;
SET transaction_timeout = 0;
SET new_one = 1;
`
    const asked = (name: string, exists: boolean) => {
      const object = { kind: 'setting', schema: null, table: null, name } as const
      const found = { exists, schema: null, table: null, owner: null }
      return [objectKey(object), { ...found, owned: true, mayDrop: true, mayCreate: true }] as const
    }
    const objects = new Map([
      asked('statement_timeout', true),
      asked('transaction_timeout', false),
      asked('new_one', false),
    ])
    t.match(found(dump, { objects }), {
      subjects: ['2_f.sql'],
      details: ['2_f.sql: line 5: the server does not know the parameter transaction_timeout'],
    })
    const unrestricted = found(dump.replace(/^.restrict.*$/m, ''), { objects })
    t.match(unrestricted, {
      found:
        '2_f.sql cannot run: line 5: the server does not know the parameter transaction_timeout',
      remedy:
        'where it ran on no database, remove the lines that set transaction_timeout and new_one and run `atlas migrate hash`',
      at: { file: '2_f.sql', line: 5 },
    })
    t.equal(found('SET transaction_timeout = 0;\n'), null, 'nobody was asked')
    t.equal(found('SET other = 0;\n', { objects }), null, 'nobody was asked for this one')
  },
)
