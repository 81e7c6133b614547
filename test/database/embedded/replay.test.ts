import t, { type Test } from 'tap'
import { buildFile } from '../../../src/atlas/directory/file.js'
import {
  replay,
  type ReplayOptions,
  type ReplayOutcome,
} from '../../../src/database/embedded/replay.js'
import { ReplayError } from '../../../src/database/embedded/replay-server.js'
import { ConcealedUrl } from '../../../src/review/url/concealed-url.js'
import { execute, startTestPostgres, withClient } from '../test-postgres.js'

t.setTimeout(300_000)

const server = await startTestPostgres(t, { auth: 'scram' })

async function databases(): Promise<readonly string[]> {
  return withClient(server.url('postgres'), async client => {
    const query = 'SELECT datname FROM pg_database ORDER BY 1'
    const { rows } = await client.query<{ readonly datname: string }>(query)
    return rows.map(({ datname }) => datname)
  })
}

const before = await databases()

/** Replays files; in the end there are the databases that were there before. */
async function replayFiles(
  t: Test,
  files: Readonly<Record<string, string>>,
  options: Partial<ReplayOptions> = {},
): Promise<ReplayOutcome> {
  try {
    return await replay({
      url: new ConcealedUrl(server.url('postgres')),
      files: Object.entries(files).map(([name, content]) => buildFile(name, content)),
      signal: new AbortController().signal,
      onFile: () => {},
      ...options,
    })
  } finally {
    t.strictSame(await databases(), before)
  }
}

void t.test('every statement of every file is run', async t => {
  const begun: number[] = []
  const files = {
    '1_a.sql': 'CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n',
    '2_b.sql': '-- nothing\n',
    '3_c.sql':
      '-- atlas:delimiter \\n\\n\nCREATE FUNCTION f() RETURNS int AS $$ SELECT x FROM a; $$ LANGUAGE sql\n\nSELECT f();\n',
  }
  const onFile = (index: number) => void begun.push(index)
  t.strictSame(await replayFiles(t, files, { onFile }), { kind: 'done', files: 3, statements: 4 })
  t.strictSame(begun, [0, 1, 2])
})

type Failure = [title: string, files: Readonly<Record<string, string>>, failure: object]

const failures: readonly Failure[] = [
  [
    'a statement that fails is named with its line',
    {
      '1_a.sql': 'CREATE TABLE a (x int);\n',
      '2_b.sql': '-- é\n\nSELECT 1;\nSELECT 1;\n\n  INSERT INTO b\n  VALUES (1);\n',
    },
    {
      file: '2_b.sql',
      statement: 3,
      line: 6,
      message: 'relation "b" does not exist',
      text: 'INSERT INTO b\n  VALUES (1);',
    },
  ],
  [
    'a file that cannot be split',
    { '1_a.sql': 'SELECT 1;\nSELECT (2;\n' },
    {
      file: '1_a.sql',
      statement: null,
      line: 2,
      message: /^the file cannot be split into statements: 2:\d+: unclosed '\('$/,
      text: '',
    },
  ],
  [
    'a constraint that only the end of the transaction checks',
    {
      '1_a.sql':
        'CREATE TABLE a (x int PRIMARY KEY, y int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO a VALUES (1, 2);\n',
    },
    {
      file: '1_a.sql',
      statement: 2,
      line: 2,
      message: /violates foreign key constraint/,
      text: 'COMMIT',
    },
  ],
  [
    'what cannot run in a transaction',
    { '1_a.sql': 'CREATE TABLE a (x int);\nCREATE INDEX CONCURRENTLY i ON a (x);\n' },
    { file: '1_a.sql', statement: 2, message: /cannot run inside a transaction block/ },
  ],
  [
    'a connection that the SQL itself ends',
    { '1_a.sql': 'SELECT pg_terminate_backend(pg_backend_pid());\n' },
    { file: '1_a.sql', statement: 1, message: /terminat/ },
  ],
]

for (const [title, files, failure] of failures)
  void t.test(title, async t => {
    t.match(await replayFiles(t, files), { kind: 'failed', ...failure })
  })

void t.test('a file may do without a transaction', async t => {
  const files = {
    '1_a.sql': 'CREATE TABLE a (x int);\n',
    '2_b.sql': '-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY i ON a (x);\n',
  }
  t.strictSame(await replayFiles(t, files), { kind: 'done', files: 2, statements: 2 })
})

void t.test('the database begins empty, whatever new ones begin with on this server', async t => {
  await execute(server.url('template1'), 'CREATE TABLE a (x int)')
  t.teardown(() => execute(server.url('template1'), 'DROP TABLE a'))
  t.match(await replayFiles(t, { '1_a.sql': 'CREATE TABLE a (x int);\n' }), { kind: 'done' })
})

void t.test('an interrupt ends a statement under way', async t => {
  const controller = new AbortController()
  const replaying = replayFiles(
    t,
    { '1_a.sql': 'SELECT pg_sleep(600);\n' },
    { signal: controller.signal },
  )
  await execute(
    server.url('postgres'),
    `DO $$ BEGIN
       WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%') LOOP
         PERFORM pg_sleep(0.05); PERFORM pg_stat_clear_snapshot();
       END LOOP;
     END $$`,
  )
  controller.abort()
  await t.rejects(replaying, { name: 'AbortError' })
})

type Unusable = [title: string, url: string, message: string | RegExp]

const wrongPassword = new URL(server.url('postgres'))
wrongPassword.password = 'wr0ng'
const preferred = new URL(server.url('postgres'))
preferred.searchParams.set('sslmode', 'prefer')

const unusable: readonly Unusable[] = [
  ['a URL that is none', '::', /^the URL to replay on: /],
  [
    'another database',
    'mysql://h/d',
    'the URL to replay on: expected one of PostgreSQL, found another scheme',
  ],
  [
    'a wrong password',
    wrongPassword.href,
    'the server to replay on: the database refused the user name or password of the URL',
  ],
  [
    'a role that may not make databases',
    server.url('postgres').replace(/\/\/[^@]*@/, '//weak:weak@'),
    'cannot make a database for the replay: permission denied to create database; the role needs the right CREATEDB',
  ],
]

await execute(server.url('postgres'), "CREATE ROLE weak LOGIN PASSWORD 'weak'")

for (const [title, url, message] of unusable)
  void t.test(`${title} is no server to replay on`, async t => {
    const failed = await replayFiles(t, {}, { url: new ConcealedUrl(url) }).catch(
      error => error as unknown,
    )
    t.type(failed, ReplayError)
    t.match((failed as Error).message, message)
    t.notMatch((failed as Error).message, 'wr0ng')
  })

void t.test('a server without TLS is used where the URL allows that', async t => {
  t.match(await replayFiles(t, {}, { url: new ConcealedUrl(preferred.href) }), { kind: 'done' })
})
