import t from 'tap'
import { parseArguments } from '../../../src/cli/line/arguments.js'
import { judgeManifests } from '../../../src/cli/check/judge-manifests.js'
import { parseCheckOptions } from '../../../src/cli/check/options.js'
import { checkCommand } from '../../../src/cli/check/command.js'
import { UsageError } from '../../../src/cli/line/usage-error.js'
import type { Report } from '../../../src/report/parts/report.js'
import { filesOf, readTable, rowsOf, withSum } from '../../review/fakes.js'
import { checkAdapters, checkFiles } from './check-run.js'
import { makeFolder } from '../program.js'

interface MigrationParts {
  readonly name: string
  readonly database?: string
  readonly more?: string
}

function migrationYaml({ name, database = 'shop', more = '' }: MigrationParts): string {
  return `apiVersion: db.atlasgo.io/v1alpha1
kind: AtlasMigration
metadata: {name: ${name}, namespace: shop}
spec:
  url: postgres://u:hunter2@db/${database}
  dir:
    configMapRef: {name: ${name}}
${more}`
}

function configMapYaml(name: string, data: Readonly<Record<string, string>>): string {
  const entries = Object.entries(data).map(
    ([key, text]) => `  ${key}: |\n${text.replace(/^(?=.)/gm, '    ')}`,
  )
  return `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: shop}
data:
${entries.join('')}`
}

/** The rules that spoke of an object, each with its action and place. */
function saidOf({ objects }: Report, name: string): readonly string[] {
  const object = objects.find(object => object.name === name)
  return (object?.findings ?? []).map(({ judged, place }) => {
    const at = place ? `${place.file}:${place.line}:${place.column}` : 'nowhere'
    return `${judged.action} ${judged.rule.id} ${at}`
  })
}

const schema = filesOf('1', '2')
const seed = filesOf('3')

void t.test('a directory that its database has run is Ready: nothing to say', async t => {
  const report = await checkFiles(t, {
    files: {
      'a.yaml': configMapYaml('schema', schema),
      'b.yaml': migrationYaml({ name: 'schema' }),
    },
    tables: { shop: { ...readTable, revisions: rowsOf(schema) } },
  })
  t.match(report, {
    command: 'check',
    objects: [{ name: 'schema', verdict: 'pass', place: { file: '@/b.yaml', line: 1, column: 1 } }],
    problems: [],
    notes: [],
  })
})

void t.test('the second directory on one table is denied, whichever file comes first', async t => {
  const files = {
    '1.yaml': [
      configMapYaml('schema', schema),
      migrationYaml({ name: 'schema' }),
      configMapYaml('seed', seed),
    ].join('---\n'),
    '2.yaml': migrationYaml({ name: 'seed' }),
  }
  const tables = { shop: { ...readTable, revisions: rowsOf(schema) } }
  const report = await checkFiles(t, { files, tables })
  t.strictSame(saidOf(report, 'schema'), [])
  t.strictSame(saidOf(report, 'seed'), [
    'deny revision-table-shared @/2.yaml:6:3',
    // Its own file runs first; at the next reconcile the rows of the schema are too many.
    'deny applied-file-missing @/2.yaml:6:3',
  ])
  const swapped = await checkFiles(t, { files, tables, argv: ['@/2.yaml', '@/1.yaml'] })
  t.strictSame(saidOf(swapped, 'schema'), ['warn revision-table-shared @/1.yaml:19:3'])
  t.match(saidOf(swapped, 'seed'), ['deny revision-table-shared @/2.yaml:6:3'])
})

void t.test(
  'an AtlasMigration may stand before its ConfigMap; a warning of that would be noise',
  async t => {
    const report = await checkFiles(t, {
      files: {
        'a.yaml': migrationYaml({ name: 'schema' }),
        'b.yaml': configMapYaml('schema', schema),
      },
      tables: { shop: { ...readTable, revisions: rowsOf(schema) } },
    })
    t.strictSame(saidOf(report, 'schema'), [])
    const alone = await checkFiles(t, { files: { 'a.yaml': migrationYaml({ name: 'schema' }) } })
    t.strictSame(saidOf(alone, 'schema'), ['warn configmap-not-found @/a.yaml:7:20'])
  },
)

void t.test('what is wrong with the spec stays wrong when its ConfigMap comes', async t => {
  const down = '  protectedFlows: {migrateDown: {allow: true}}\n'
  const report = await checkFiles(t, {
    files: {
      'a.yaml': migrationYaml({ name: 'schema', more: down }),
      'b.yaml': configMapYaml('schema', schema),
    },
    tables: { shop: { ...readTable, revisions: rowsOf(schema) } },
  })
  t.strictSame(saidOf(report, 'schema'), ['deny down-flow-invalid @/a.yaml:8:20'])
})

void t.test('a finding about a file points into the block that holds it', async t => {
  const broken = withSum({ '1_a.sql': 'SELECT 1;\n', '2_b.sql': 'SELECT 2;\n\nSELECT (3;\n' })
  const report = await checkFiles(t, {
    files: {
      'a.yaml': `${configMapYaml('schema', broken)}---\n${migrationYaml({ name: 'schema' })}`,
    },
    tables: { shop: readTable },
  })
  // `data:` is line 4, `1_a.sql: |` 5, `2_b.sql: |` 7; its third line has the parenthesis.
  t.strictSame(saidOf(report, 'schema'), ['deny file-not-runnable @/a.yaml:10:1'])
  const quoted = JSON.stringify({ ...broken, '1_a.sql': 'SELECT 4;' })
  const json = await checkFiles(t, {
    files: {
      'a.json': `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "schema", "namespace": "shop"},
 "data": ${quoted}}`,
      'b.yaml': migrationYaml({ name: 'schema' }),
    },
  })
  t.strictSame(saidOf(json, 'schema'), [
    'deny checksum-mismatch @/a.json:2:11',
    'warn file-not-runnable @/a.json:2:33',
  ])
})

void t.test('inline files are in the AtlasMigration itself', async t => {
  const local = migrationYaml({ name: 'schema' }).replace(
    /configMapRef.*\n/,
    `local:\n      1_a.sql: |\n        <<<<<<< HEAD\n        =======\n        >>>>>>> other\n`,
  )
  const report = await checkFiles(t, { files: { 'a.yaml': local } })
  t.strictSame(saidOf(report, 'schema'), [
    'deny checksum-missing @/a.yaml:7:5',
    'deny merge-conflict-marker @/a.yaml:9:1',
  ])
})

void t.test(
  'a folder takes the place of a ConfigMap, and its files are where findings point',
  async t => {
    const changed = { ...schema, '2_x.sql': 'SELECT 22;\n' }
    const report = await checkFiles(t, {
      files: {
        'a.yaml': migrationYaml({ name: 'schema' }),
        'b.yaml': configMapYaml('schema', schema),
        ...changed,
      },
      argv: ['@/a.yaml', '@/b.yaml', '--dir', 'schema=@'],
      tables: { shop: { ...readTable, revisions: rowsOf(schema) } },
    })
    t.strictSame(saidOf(report, 'schema'), ['deny checksum-mismatch @/2_x.sql:1:1'])
    const removed = { ...schema }
    delete removed['2_x.sql']
    const gone = await checkFiles(t, {
      files: { 'a.yaml': migrationYaml({ name: 'schema' }), ...removed },
      argv: ['@/a.yaml', '--dir', 'shop/schema=@'],
    })
    t.strictSame(saidOf(gone, 'schema'), ['deny checksum-mismatch @/atlas.sum:3:1'])
  },
)

void t.test('with the state before, only what changes is denied', async t => {
  const files = {
    'old.yaml': [
      configMapYaml('schema', schema),
      migrationYaml({ name: 'schema' }),
      configMapYaml('seed', seed),
      migrationYaml({ name: 'seed' }),
    ].join('---\n'),
    'new.yaml': migrationYaml({ name: 'seed', more: '  backoffLimit: 3\n' }),
  }
  const tables = { shop: { ...readTable, revisions: rowsOf(schema) } }
  const report = await checkFiles(t, {
    files,
    tables,
    argv: ['@/new.yaml', '--before', '@/old.yaml'],
  })
  t.match(report.objects, [{ name: 'seed', verdict: 'warn' }])
  t.match(saidOf(report, 'seed')[0], 'warn revision-table-shared @/new.yaml:6:3')
})

void t.test('what one write changed is not told again of the next one', async t => {
  const texts = Object.entries(schema).map(([name, text]) => [name, text.replaceAll('\n', '\r\n')])
  const data = withSum(Object.fromEntries(texts) as typeof schema)
  const crlf = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'schema', namespace: 'shop' },
    data,
  })
  const migration = migrationYaml({ name: 'schema' })
  const report = await checkFiles(t, {
    files: {
      'old.yaml': `${configMapYaml('schema', schema)}---\n${migration}`,
      'new.yaml': `${crlf}\n---\n${migration}`,
    },
    tables: { shop: { ...readTable, revisions: rowsOf(schema) } },
    argv: ['@/new.yaml', '--before', '@/old.yaml'],
  })
  const [object] = report.objects
  t.strictSame(
    object?.findings.map(({ judged }) => [judged.rule.id, judged.action]),
    [['applied-file-edited', 'deny']],
  )
  t.match(object?.findings[0]?.judged.finding.found, /line breaks only \(CRLF now\): all/)
})

void t.test('a new ConfigMap is judged for an AtlasMigration that stands elsewhere', async t => {
  const report = await checkFiles(t, {
    files: {
      'old.yaml': migrationYaml({ name: 'schema' }),
      'new.yaml': configMapYaml('schema', { '1_x.sql': 'SELECT 1;\n' }),
    },
    argv: ['@/new.yaml', '--before', '@/old.yaml'],
    tables: { shop: readTable },
  })
  t.match(report.objects, [{ name: 'schema', place: null, verdict: 'fail' }])
  t.strictSame(saidOf(report, 'schema'), ['deny checksum-missing @/new.yaml:1:1'])
  const spec = await checkFiles(t, {
    files: {
      'old.yaml': migrationYaml({ name: 'schema', more: '  devURL: postgres://u@db/shop\n' }),
      'new.yaml': configMapYaml('schema', schema),
    },
    argv: ['@/new.yaml', '--before', '@/old.yaml'],
    tables: { shop: readTable },
  })
  t.match(saidOf(spec, 'schema'), ['warn dev-database-is-target nowhere'])
})

void t.test('a field in a list is found', async t => {
  const more =
    '  vars:\n    - {key: a, value: b}\n    - {key: c, valueFrom: {secretKeyRef: {name: d, key: e}}}\n'
  const report = await checkFiles(t, {
    files: {
      'a.yaml': `${configMapYaml('schema', schema)}---\n${migrationYaml({ name: 'schema', more })}`,
    },
    tables: { shop: { ...readTable, revisions: rowsOf(schema) } },
  })
  t.strictSame(saidOf(report, 'schema'), ['warn secret-not-found @/a.yaml:23:28'])
})

void t.test('the hash that kustomize appends to a name is recognized', async t => {
  const report = await checkFiles(t, {
    files: {
      'a.yaml': configMapYaml('schema-5kc8g2tmdh', schema),
      'b.yaml': migrationYaml({ name: 'schema' }),
      'c.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: empty, namespace: shop}\n',
    },
  })
  t.match(report.objects[0]?.findings[0]?.judged.finding, {
    found: /schema-5kc8g2tmdh/,
  })
})

void t.test(
  'a database that cannot be read leaves the verdict open; offline it is not asked',
  async t => {
    const files = {
      'a.yaml': `${configMapYaml('schema', schema)}---\n${migrationYaml({ name: 'schema' })}`,
    }
    const failed = {
      kind: 'failed',
      failure: 'unreachable',
      message: 'the database is down',
    } as const
    const report = await checkFiles(t, { files, tables: { shop: failed } })
    t.match(report.objects, [{ verdict: 'error', undecided: ['the database is down'] }])
    const offline = await checkFiles(t, {
      files,
      tables: { shop: failed },
      argv: ['@', '--offline'],
    })
    t.match(offline, {
      objects: [{ verdict: 'pass', undecided: [] }],
      notes: [/^offline: no database/],
    })
  },
)

void t.test('an object that is being deleted is not judged', async t => {
  const dying = migrationYaml({ name: 'schema' }).replace(
    'namespace: shop}',
    'namespace: shop, deletionTimestamp: "2026-01-01T00:00:00Z"}',
  )
  const report = await checkFiles(t, { files: { 'a.yaml': dying } })
  t.match(report.objects, [{ name: 'schema', verdict: 'skip', findings: [] }])
})

void t.test(
  'a Secret of the input tells the URL, and one that comes later moves the database',
  async t => {
    const secretOf = (database: string) => `apiVersion: v1
kind: Secret
metadata: {name: db, namespace: shop}
stringData: {url: "postgres://u:hunter2@db/${database}"}
`
    const migration = migrationYaml({ name: 'schema' }).replace(
      /url: .*/,
      'urlFrom: {secretKeyRef: {name: db, key: url}}',
    )
    const report = await checkFiles(t, {
      files: {
        'a.yaml': `${configMapYaml('schema', seed)}---\n${migration}`,
        'b.yaml': secretOf('shop'),
      },
      tables: { shop: { ...readTable, revisions: rowsOf(schema) } },
    })
    t.equal(report.objects[0]?.verdict, 'fail')
    t.notMatch(JSON.stringify(report), 'hunter2')
  },
)

void t.test(
  'standard input is read like a file, and kinds without rules are said once',
  async t => {
    const standardInput = `${migrationYaml({ name: 'a' })}---
apiVersion: apps/v1
kind: Deployment
metadata: {name: x}
---
${configMapYaml('left', schema)}`
    const report = await checkFiles(t, { files: {}, argv: ['-'], standardInput })
    t.match(report.objects, [{ name: 'a', place: { file: '-', line: 1 } }])
    t.strictSame(report.notes, [
      'skipped, since no rule is about them: apps/v1 Deployment',
      'ConfigMap shop/left holds migrations, but no AtlasMigration here refers to it: not judged',
    ])
  },
)

void t.test('an object without a namespace is in that of --namespace', async t => {
  const text = migrationYaml({ name: 'a' }).replace(', namespace: shop', '')
  const report = await checkFiles(t, {
    files: { 'a.yaml': text },
    argv: ['@', '--namespace', 'prod'],
  })
  t.match(report.objects, [{ namespace: 'prod' }])
  t.match(await checkFiles(t, { files: { 'a.yaml': text } }), {
    objects: [{ namespace: 'default' }],
  })
})

type Complaint = [name: string, argv: readonly string[], message: RegExp]

const complaints: readonly Complaint[] = [
  ['no path', [], /^check needs a PATH/],
  [
    'a folder without a name',
    ['@', '--dir', './migrations'],
    /^--dir: expected \[NAMESPACE\/\]NAME/,
  ],
  ['a folder that nothing refers to', ['@', '--dir', 'other=@'], /^--dir other: no AtlasMigration/],
  [
    'a URL for nobody',
    ['@', '--url', 'other=file:@/a.yaml'],
    /a\.yaml: no AtlasMigration of that name/,
  ],
  [
    'a path that is not there',
    ['@/none'],
    /^cannot read @\/none: no such file; expected a file or/,
  ],
  ['a duration that is none', ['@', '--timeout', '3'], /^--timeout: "3" is no duration/],
  ['a policy that is not there', ['@', '--policy', '@/none'], /^the policy @\/none cannot be read/],
]

for (const [name, argv, message] of complaints)
  void t.test(`it complains of ${name}`, async t => {
    const files = { 'a.yaml': migrationYaml({ name: 'schema' }) }
    const error = await checkFiles(t, { files, argv }).catch((reason: unknown) => reason as Error)
    t.match((error as Error).message.replaceAll(/\/tmp\/atlas-admission-cli-\w+/g, '@'), message)
  })

void t.test('it complains in a way that is a mistake of usage', async t => {
  t.throws(() => parseCheckOptions(parseArguments(checkCommand, [], {})), UsageError)
})

void t.test('a check that is interrupted ends early', async t => {
  const folder = makeFolder(t, { 'a.yaml': migrationYaml({ name: 'schema' }) })
  const options = parseCheckOptions(parseArguments(checkCommand, [folder], {}))
  const report = await judgeManifests(options, checkAdapters({ files: {} }), AbortSignal.abort())
  t.strictSame(report.objects, [])
})
