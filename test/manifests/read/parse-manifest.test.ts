import t from 'tap'
import { isTooDeep } from '../../../src/policy/settings/yaml-depth.js'
import { decodeSecret } from '../../../src/manifests/text/decode-secret.js'
import { parseKubectlYaml } from '../../../src/manifests/text/kubectl-yaml.js'
import { parseManifest } from '../../../src/manifests/text/parse-manifest.js'
import { secretNames } from '../../../src/review/object/secret-names.js'

const head = (kind: string, name = 'a'): string =>
  `apiVersion: ${kind === 'AtlasMigration' ? 'db.atlasgo.io/v1alpha1' : 'v1'}\nkind: ${kind}\nmetadata:\n  name: ${name}\n`

void t.test('scalars are read as kubectl reads them', async t => {
  // Expected values: go-yaml v2, resolve.go and its decode tests (the reader of sigs.k8s.io/yaml).
  type Case = [text: string, value: unknown]
  const cases: Case[] = [
    ['on', true],
    ['No', false],
    ['y', true],
    ['2026-01-01', '2026-01-01'],
    ['12:30', '12:30'],
    ['12:30.5', '12:30.5'],
    ['0777', 511],
    ['1_000', 1000],
    ['20250101000000', 20250101000000],
    ['"20250101000000"', '20250101000000'],
    ['~', null],
    ['{"a": [1, "x"]}', { a: [1, 'x'] }],
  ]
  for (const [text, value] of cases) {
    const { documents } = parseKubectlYaml(`v: ${text}`)
    t.strictSame(documents[0]?.value, { v: value }, text)
  }
  t.strictSame(parseKubectlYaml('? [a]\n: 1').documents[0]?.value, { '[ a ]': 1 }, 'odd key')
  const merged = parseKubectlYaml('base: &b {x: 1}\nv:\n  <<: *b\n  y1: 2')
  t.strictSame(merged.documents[0]?.value, { base: { x: 1 }, v: { x: 1, y1: 2 } }, 'merge key')
})

void t.test(
  'a text that cannot be read has a problem with its place, and no documents',
  async t => {
    const secret = 's3cret'
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
    for (let i = 0; i < 9; i++) {
      const [now, next] = ['abcdefghij'[i], 'abcdefghij'[i + 1]]
      bomb.push(`${next}: &${next} [${Array(9).fill(`*${now}`).join()}]`)
    }
    type Case = [name: string, text: string, line: number, column: number, message: RegExp]
    const cases: Case[] = [
      ['a key twice', `a: 1\nurl: x\nurl: ${secret}\n`, 3, 1, /same key twice/],
      ['a number and a text that are one key', `1: a\n'1': ${secret}\n`, 2, 1, /same key twice/],
      ['a missing quote', `a: "${secret}\nb: 1\n`, 3, 1, /quote, bracket or comma is missing/],
      ['a tab', `a:\n\tb: ${secret}\n`, 2, 1, /tab/],
      ['a colon in a text', `password: pw: ${secret}\n`, 1, 11, /put the text in quotes/],
      ['an unknown alias', `a: *${secret}\n`, 1, 4, /alias that stands for nothing/],
      ['an unknown tag', `a: !!binary ${secret}\n`, 1, 4, /tag/],
      ['garbage', `}${secret}{\n`, 1, 1, /does not belong/],
      ['an alias for what is around it', `a: &x {b: *x, c: ${secret}}`, 1, 11, /or for itself/],
      ['an alias bomb', bomb.join('\n'), 1, 1, /aliases/],
      [
        'an anchor nobody may have twice',
        `a: &x &y ${secret}\n`,
        1,
        7,
        /not valid YAML \(MULTIPLE_ANCHORS\)/,
      ],
      ['nesting without end', '['.repeat(100_000), 1, 1, /nested too deeply/],
    ]
    for (const [name, text, line, column, message] of cases)
      void t.test(name, async t => {
        const { documents, problems } = parseKubectlYaml(text)
        t.strictSame(documents, [])
        t.match(problems[0], { line, column, message })
        t.notMatch(JSON.stringify(problems), secret, 'the text is not repeated')
        t.equal(parseManifest(text).broken, true)
      })
  },
)

void t.test('what nests too deeply is refused before it can exhaust the stack', async t => {
  type Case = [name: string, text: string, tooDeep: boolean]
  const levels = (n: number): string =>
    Array.from({ length: n }, (_, index) => `${' '.repeat(index)}a:\n`).join('')
  const cases: Case[] = [
    ['closed brackets', '['.repeat(101) + ']'.repeat(101), true],
    ['brackets side by side', `[${'[],'.repeat(500)}]`, false],
    ['list in list on one line', '- '.repeat(200), true],
    ['block style', levels(252), true],
    ['block style, deep but bearable', levels(200), false],
    ['indented text in a scalar', `a: |\n ${' '.repeat(400)}SELECT [[[[\n`, false],
    ['line ends of Windows', 'a: 1\r\n'.repeat(300), false],
  ]
  for (const [name, text, tooDeep] of cases) t.equal(isTooDeep(text), tooDeep, name)
})

void t.test('objects of a file', async t => {
  const text = [
    head('AtlasMigration', 'm') + 'spec:\n  dir:\n    configMapRef: {name: c}\n',
    `${head('ConfigMap', 'c')}  namespace: other\ndata:\n  1.sql: |\n    x\n`,
    head('Namespace'),
    head('Deployment'),
    `${head('Secret')}data: {url: 'ENC[x]'}\nsops: {}\n`,
    '# nothing but a comment\n',
    'replicas: 3\n',
    '- a list\n',
  ].join('---\n')
  const manifest = parseManifest(text)
  t.strictSame(manifest.problems, [])
  t.strictSame(manifest.objects, [
    {
      line: 1,
      column: 1,
      kind: 'AtlasMigration',
      object: {
        apiVersion: 'db.atlasgo.io/v1alpha1',
        kind: 'AtlasMigration',
        metadata: { name: 'm', namespace: 'default' },
        spec: { dir: { configMapRef: { name: 'c' } } },
      },
    },
    {
      line: 9,
      column: 1,
      kind: 'ConfigMap',
      object: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'c', namespace: 'other' },
        data: { '1.sql': 'x\n' },
      },
    },
  ])
  t.strictSame(manifest.skippedKinds, [
    'v1 Deployment',
    'v1 Secret, encrypted with SOPS',
    'documents that are no Kubernetes object',
    'documents that are no Kubernetes object',
  ])
  t.strictSame(parseManifest('').objects, [])
})

void t.test('lists are taken apart', async t => {
  const item = (name: string): object => ({
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { name },
  })
  const list = (kind: string, items: unknown): string =>
    JSON.stringify({
      apiVersion: kind === 'AtlasMigrationList' ? 'db.atlasgo.io/v1alpha1' : 'v1',
      kind,
      items,
    })
  const names = (text: string): unknown[] =>
    parseManifest(text).objects.map(({ object }) => object.metadata.name)
  t.strictSame(names(list('List', [item('a'), null, item('b')])), ['a', 'b'])
  t.strictSame(names(list('AtlasMigrationList', [item('a')])), ['a'])
  t.strictSame(names(list('List', [JSON.parse(list('List', [item('a')]))])), ['a'], 'nested')
  t.strictSame(names(list('List', null)), [])
  t.strictSame(parseManifest('apiVersion: v1\nkind: List\n').problems, [])
  t.match(parseManifest('apiVersion: v1\nkind: List\nitems: {}\n').problems, [
    { line: 3, column: 1, message: 'items: expected a list' },
  ])
})

void t.test('an object that cannot be used is kept out, and its problem has a place', async t => {
  type Case = [name: string, text: string, line: number, column: number, message: RegExp]
  const list = 'apiVersion: v1\nkind: List\nitems:\n- '
  const cases: Case[] = [
    [
      'a version without quotes',
      `${head('AtlasMigration')}spec:\n  baseline: 20250101000000\n`,
      6,
      3,
      /^spec.baseline: expected string, found integer \(put it in quotes\)$/,
    ],
    [
      'inside a list',
      list + head('ConfigMap').replaceAll('\n', '\n  ') + 'data:\n    a: 1\n',
      9,
      5,
      /^data.a: expected string/,
    ],
    [
      'a number as a file name',
      `${head('ConfigMap')}data:\n  1: on\n`,
      6,
      3,
      /^data\["1"\]: expected string, found boolean/,
    ],
    [
      'no name',
      'apiVersion: v1\nkind: Secret\nmetadata: {}\n',
      3,
      1,
      /expected a name, found none/,
    ],
    [
      'wrong metadata',
      'apiVersion: v1\nkind: Secret\nmetadata: x\n',
      3,
      1,
      /^metadata: expected object/,
    ],
    [
      'a Secret in plain text',
      `${head('Secret')}data:\n  ok: eA==\n  password: s3cret!\n`,
      7,
      3,
      /^data.password: expected base64/,
    ],
    [
      'behind an alias: the place of the nearest thing around it',
      `${head('ConfigMap')}extra: &l {x: 1}\ndata: *l\n`,
      6,
      1,
      /^data.x: expected string/,
    ],
  ]
  for (const [name, text, line, column, message] of cases)
    void t.test(name, async t => {
      const { objects, problems, broken } = parseManifest(text)
      t.strictSame(objects, [])
      t.match(problems[0], { message })
      t.match(problems[0], { line, column })
      t.notMatch(JSON.stringify(problems), 's3cret')
      t.equal(broken, false, 'the rest of the file counts')
    })
})

void t.test('a Secret is merged as the API server merges it', async t => {
  t.strictSame(
    decodeSecret({
      metadata: { name: 's' },
      type: 'Opaque',
      data: { a: 'eA==\n', b: 'eQ==' },
      stringData: { b: 'ü' },
    }),
    { secret: { metadata: { name: 's' }, type: 'Opaque', data: { a: 'eA==', b: 'w7w=' } } },
  )
  t.strictSame(decodeSecret({ metadata: {} }), { secret: { metadata: {}, data: {} } })
  for (const value of ['eA=', 'eA', 'e A=', 'ENC[AES256_GCM,data:x]', 'eA===='])
    t.ok('problems' in decodeSecret({ metadata: {}, data: { value } }), value)
})

void t.test('the Secrets of a target', async t => {
  const source = (name: string) => ({ secretKeyRef: { name, key: 'k' } })
  t.strictSame(
    [
      ...secretNames({
        metadata: {},
        spec: {
          urlFrom: source('u'),
          devURLFrom: source('d'),
          configFrom: source('may name another URL'),
          credentials: {
            userFrom: source('c'),
            passwordFrom: source('c'),
            hostFrom: { secretKeyRef: { key: 'no name' } },
          },
        },
      }),
    ],
    ['u', 'd', 'may name another URL', 'c'],
  )
  t.equal(secretNames({ metadata: {}, spec: {} }).size, 0)
})
