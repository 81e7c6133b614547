import t from 'tap'
import { rules } from '../../../src/policy/rules/catalogue.js'
import { explainSaid, knownSentences } from '../../../src/policy/explain/said.js'
import {
  buildFacts,
  checkpoint,
  files,
  inVersionOrder,
  rowsOf,
  sharing,
  type Situation,
  type Files,
  withSum,
} from '../facts/facts-builder.js'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import type { DirectoryFacts } from '../../../src/policy/facts/facts.js'

const three = files('1', '2', '3')
const down = { protectedFlows: { migrateDown: { allow: true, autoApprove: true } } }

const refused = 'migrate down is not allowed, set `migrateDown.allow` to true to allow downgrade'
const nonLinear =
  'migration file 15.sql was added out of order. See: https://atlasgo.io/versioned/apply#non-linear-error'

/** The last row stopped after one of its two statements. */
const halfWay = (hash: string) =>
  rowsOf(three).map(row =>
    row.version === '3'
      ? { ...row, applied: 1, total: 2, error: 'x', partialHashes: [`h1:${hash}`] }
      : row,
  )

const remote = { remote: { name: 'app', tag: '1' } }

/** `again`: the operator would say it now, as the prediction of the engine has it. */
type Case = readonly [
  name: string,
  said: string,
  situation: Situation,
  expected: {
    readonly again: boolean | null
    readonly is: readonly string[]
    readonly open?: true
  },
]

const cases: readonly Case[] = [
  [
    'a file was removed',
    refused,
    { files: files('1', '2'), rows: rowsOf(three), dirState: three },
    { again: true, is: ['files that ran were removed from the directory'] },
  ],
  [
    'two directories',
    refused,
    {
      files: files('1', '2'),
      rows: inVersionOrder(rowsOf(files('1', '2')), rowsOf(files('5'))),
      sharing: [sharing('seed', files('5'))],
    },
    { again: true, is: ['another directory writes into the same revisions table'] },
  ],
  [
    'a late file',
    refused,
    { files: files('1', '15', '2', '3'), rows: rowsOf(three) },
    { again: true, is: ['a file was added that is older than one that ran'] },
  ],
  [
    'a file with a new version, which runs first',
    refused,
    {
      files: { ...files('1'), '3_seed.sql': 'INSERT INTO t VALUES (1);\n' },
      rows: rowsOf({ ...files('1'), '2_seed.sql': 'INSERT INTO t VALUES (1);\n' }),
    },
    {
      again: true,
      is: ['files that ran were given another version, or joined in one (a rebase or a squash)'],
    },
  ],
  [
    'a squash',
    refused,
    { files: checkpoint('3'), rows: rowsOf(three) },
    { again: true, is: ['old files were squashed into a checkpoint and deleted'] },
  ],
  [
    'an emptied directory',
    refused,
    { files: {}, rows: rowsOf(three), dirState: three },
    { again: true, is: ['the directory is empty'] },
  ],
  [
    'rows from elsewhere',
    refused,
    { files: files('1', '2'), rows: rowsOf(three) },
    {
      again: true,
      open: true,
      is: [
        'rows without a file are of unknown origin: a restored or moved database, or a directory that is gone, may have brought them',
      ],
    },
  ],
  [
    'a file that was removed, which a new one hides for one reconcile',
    refused,
    { files: files('1', '3', '4'), rows: rowsOf(three), dirState: three },
    { again: true, is: ['files that ran were removed from the directory'] },
  ],
  ['all is well by now', refused, { files: three, rows: rowsOf(three) }, { again: false, is: [] }],
  [
    'the checksum hides the rest',
    refused,
    { files: three, wrongSum: true, rows: rowsOf(three) },
    { again: false, is: [], open: true },
  ],
  [
    'the database does not answer',
    refused,
    { files: three, table: { kind: 'failed', failure: 'unreachable', message: 'no answer' } },
    { again: null, is: [], open: true },
  ],
  [
    'down is allowed, without a dir-state',
    'unable to downgrade, no dir-state found',
    { files: files('1', '2'), rows: rowsOf(three), spec: down },
    {
      again: true,
      open: true,
      is: [
        'the operator never got through a reconcile of this AtlasMigration in this cluster, or its Secret was deleted',
        'rows without a file are of unknown origin: a restored or moved database, or a directory that is gone, may have brought them',
      ],
    },
  ],
  [
    'there is a dir-state by now',
    'unable to downgrade, no dir-state found',
    { files: three, rows: rowsOf(three), dirState: three },
    { again: false, is: [] },
  ],
  [
    'whether there is a dir-state was not asked',
    'unable to downgrade, no dir-state found',
    { files: three, rows: rowsOf(three), dirState: { kind: 'unread' } },
    { again: false, is: [], open: true },
  ],
  [
    'a file was edited',
    'Error: checksum mismatch',
    { directory: edited({ '2.sql': 'SELECT 2;\n' }) },
    {
      again: true,
      is: [
        'a file was edited after atlas.sum was written, also by an editor, Git or YAML on the way',
      ],
    },
  ],
  [
    'a file was removed, and no database was asked',
    'checksum mismatch',
    {
      directory: directoryOf({ ...files('1', '2'), 'atlas.sum': withSum(three)['atlas.sum']! }),
      table: { kind: 'unread' },
    },
    { again: null, is: ['a file was removed without a new atlas.sum'] },
  ],
  [
    'no directory is named',
    'checksum mismatch',
    { directory: { kind: 'none' } },
    { again: null, is: [], open: true },
  ],
  [
    'a crash over contradictory counters',
    'panic: runtime error: index out of range [1] with length 0',
    { files: three, rows: halfWay('x').map(row => ({ ...row, partialHashes: [] })) },
    {
      again: true,
      is: [
        'the counters of a partially applied row contradict each other, or its file lost statements',
      ],
    },
  ],
  [
    'a file was added without atlas.sum',
    'checksum mismatch',
    { directory: edited({ '4.sql': 'SELECT 4;\n' }) },
    { again: true, is: ['a file was added without a new atlas.sum'] },
  ],
  [
    'there is no atlas.sum',
    'checksum file not found',
    { directory: directoryOf(three) },
    { again: true, is: ['atlas.sum is not in the directory'] },
  ],
  [
    'a database that is older than its migrations',
    'sql/migrate: connected database is not clean: found schema "public". baseline version or allow-dirty is required',
    { files: three, rows: null, notClean: 'found schema "public"' },
    { again: true, is: ['the database is older than its migrations, and no baseline is set'] },
  ],
  [
    'an empty table is left behind',
    'connected database is not clean',
    { files: three, rows: [], notClean: 'found schema "public"' },
    {
      again: true,
      is: ['an earlier attempt left an empty revisions table, which a baseline does not repair'],
    },
  ],
  [
    'a late file, and a newer one pending',
    nonLinear,
    { files: files('1', '15', '2', '3', '4'), rows: rowsOf(three) },
    {
      again: true,
      is: [
        'a file was added that is older than one that ran, as branches merged in another order do',
        'versions of different length sort in another order than their numbers',
      ],
    },
  ],
  [
    'statements that ran were changed',
    'sql/migrate: history changed: statement 1 from file "3.sql" changed',
    { files: { ...three, '3.sql': 'SELECT 3;\nSELECT 4;\n' }, rows: halfWay('other') },
    { again: true, is: ['statements that ran were changed to repair the file'] },
  ],
  [
    'the file that failed is gone',
    'revision "3_.sql" is partially applied but migration file was not found',
    { files: files('1', '2'), rows: halfWay('x') },
    { again: true, is: ['the file that failed was removed or renamed'] },
  ],
  [
    'a lock that is held',
    'acquiring database lock: sql/schema: lock is held by other session',
    { files: three, rows: rowsOf(three), table: { locked: true } },
    {
      again: false,
      is: ['a migration is still running, or hangs, or its session was never closed'],
      open: true,
    },
  ],
  [
    'a crash with nothing to go down to',
    'runtime error: index out of range [-1]',
    { files: {}, rows: rowsOf(three), dirState: three, spec: down },
    { again: true, is: ['migrate down is allowed, and there is no file to go down to'] },
  ],
  [
    'an ambiguous table',
    'ambiguous revision table',
    { files: three, rows: null, table: { ambiguous: true }, target: { boundSchema: 'shop' } },
    {
      again: null,
      is: ['the URL was bound to a schema after the first migrations ran'],
    },
  ],
  [
    'two directories in one spec',
    'cannot use both configmaps and local directory',
    {
      directory: { kind: 'conflicting' },
      spec: { url: 'postgres://x', dir: { local: {}, configMapRef: { name: 'a' } } },
    },
    { again: null, is: ['spec.dir.local and spec.dir.configMapRef are both set'] },
  ],
  [
    'no database',
    'no target database defined',
    { files: three, spec: { dir: { configMapRef: { name: 'a' } } } },
    { again: false, is: ['the spec names no database'] },
  ],
  [
    'a baseline of no file',
    'baseline version "9" not found',
    { files: three, rows: null, spec: { baseline: '9' } },
    { again: true, is: ['spec.baseline is not the version of a file'] },
  ],
  [
    'a directory in Atlas Cloud, where nothing is read',
    'history changed',
    { directory: { kind: 'remote' }, spec: { dir: remote } },
    { again: null, is: [], open: true },
  ],
]

/** Files with the atlas.sum of others, or with none. */
function directoryOf(data: Files): DirectoryFacts {
  return {
    kind: 'read',
    source: 'configmap',
    name: 'migrations',
    data,
    binaryKeys: [],
    directory: buildDirectory(data),
  }
}

function edited(change: Files): DirectoryFacts {
  return directoryOf({ ...withSum(three), ...change })
}

for (const [name, said, situation, { again, is, open = false }] of cases)
  void t.test(`${said.slice(0, 40)}: ${name}`, async t => {
    const answer = explainSaid(said, buildFacts(situation), rules)
    const texts = (state: string) =>
      answer?.causes.flatMap(cause => (cause.state === state ? cause.text : []))
    t.same(texts('this'), is)
    t.equal(answer?.again, again, 'said again')
    t.equal(texts('possible')!.length > 0, open, 'something is left open')
    const states = answer?.causes.map(({ state }) => state)
    const order = ['this', 'possible', 'ruled-out']
    t.same(
      states,
      states?.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
    )
  })

void t.test('every sentence is found by its own words, and has causes', async t => {
  const facts = buildFacts({ files: three, rows: rowsOf(three) })
  for (const sentence of knownSentences)
    t.ok(explainSaid(`x ${sentence.toUpperCase()} y`, facts, rules)?.causes.length, sentence)
})

void t.test('another sentence is not guessed at', async t => {
  t.equal(explainSaid('the moon is full', buildFacts({ files: three }), rules), null)
})

void t.test('A sentence about the dev database is not taken for one about the target', async t => {
  const notClean =
    'sql/migrate: taking database snapshot: sql/migrate: connected database is not clean: found table "x" in connected schema'
  const of = (situation: Situation) => explainSaid(notClean, buildFacts(situation), rules)
  const inUse = of({ files: three, rows: rowsOf(three), spec: { devURL: 'postgres://db/dev' } })
  t.match(inUse?.meaning, /^it is the dev database that is not clean/)
  t.equal(inUse?.again, null, 'no prediction knows of it')
  t.match(inUse?.causes[0], {
    state: 'this',
    text: 'spec.devURL points to a database in use',
    remedy: /^point spec.devURL to an empty database/,
  })
  const own = of({ files: three, rows: rowsOf(three) })
  t.match(
    own?.causes.filter(({ state }) => state !== 'ruled-out').map(({ text }) => text),
    [/^an earlier run left something/],
    'without a devURL the operator makes one',
  )
})

void t.test('A host without a namespace is why no host is found', async t => {
  const said = 'dial tcp: lookup db on 10.96.0.10:53: no such host'
  const answer = explainSaid(said, buildFacts({ files: three }), rules)
  t.match(answer?.causes[0], { state: 'this', because: /^db has no namespace: the operator/ })
  t.equal(answer?.causes.filter(({ state }) => state === 'this').length, 1)
})

void t.test('What a driver, a pooler or a server says of a parameter is known', async t => {
  for (const said of [
    'pq: unrecognized configuration parameter "schema" (42704)',
    'pq: unsupported startup parameter: search_path',
    'pq: wrong value for "connect_timeout": strconv.ParseInt: parsing "5s": invalid syntax',
    'sql/migrate: read revisions: pq: relation "Mixed.atlas_schema_revisions" does not exist',
  ]) {
    const answer = explainSaid(said, buildFacts({ files: three }), rules)
    t.equal(answer?.again, null, said)
    t.ok(answer && answer.causes.length > 1, said)
  }
})
