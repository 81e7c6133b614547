import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { atlasMigrationShape } from '../../../src/review/object/object-shape.js'
import {
  parseAtlasMigration,
  parseConfigMap,
  parseSecret,
} from '../../../src/review/object/parse-object.js'
import type { Shape } from '../../../src/review/object/shape.js'

const migration = (spec: unknown): unknown => ({ metadata: { name: 'a' }, spec })

type MistakeCase = [name: string, value: unknown, problems: readonly string[]]
const mistakes: MistakeCase[] = [
  ['no object at all', null, ['the object: expected object, found null']],
  ['a list', [], ['the object: expected object, found array']],
  ['a text', 'x', ['the object: expected object, found string']],
  ['spec is a list', migration([]), ['spec: expected object, found array']],
  [
    'an unquoted version',
    migration({ baseline: 20250101000000 }),
    ['spec.baseline: expected string, found integer (put it in quotes)'],
  ],
  [
    'a fraction where an integer belongs',
    migration({ backoffLimit: 1.5 }),
    ['spec.backoffLimit: expected integer, found number'],
  ],
  [
    'an unknown execution order, not repeated in the text',
    migration({ execOrder: 'postgres://u:s3cret@h/d' }),
    ['spec.execOrder: expected one of linear, linear-skip, non-linear, found another string'],
  ],
  [
    'file names and list positions in the path',
    migration({ dir: { local: { '1.sql': 1 } }, vars: [{}, { key: true }] }),
    [
      'spec.dir.local["1.sql"]: expected string, found integer (put it in quotes)',
      'spec.vars[1].key: expected string, found boolean (put it in quotes)',
    ],
  ],
  [
    'a reference without its key',
    migration({ urlFrom: { secretKeyRef: { name: 's' } } }),
    ['spec.urlFrom.secretKeyRef.key: expected a value, found nothing'],
  ],
  [
    'a reference whose key is null',
    migration({ urlFrom: { secretKeyRef: { name: 's', key: null } } }),
    ['spec.urlFrom.secretKeyRef.key: expected a value, found nothing'],
  ],
  [
    'a string for a boolean',
    migration({ protectedFlows: { migrateDown: { allow: 'yes' } } }),
    ['spec.protectedFlows.migrateDown.allow: expected boolean, found string'],
  ],
]

void t.test('an AtlasMigration of the wrong shape', async t => {
  for (const [name, value, problems] of mistakes)
    void t.test(name, async t => {
      const result = parseAtlasMigration(value)
      t.strictSame('problems' in result && result.problems, problems)
      t.equal('paths' in result && result.paths.length, problems.length)
    })
})

void t.test('a million wrong fields give twenty problems', async t => {
  const local = Object.fromEntries(
    Array.from({ length: 1e5 }, (_, index) => [`${index}.sql`, index]),
  )
  const result = parseAtlasMigration(migration({ dir: { local } }))
  t.equal('problems' in result && result.problems.length, 20)
})

void t.test('what is tolerated', async t => {
  type Case = [name: string, value: unknown, migration: unknown]
  const cases: Case[] = [
    ['an empty object', {}, { metadata: {}, spec: {} }],
    [
      'null for a field',
      { spec: { url: null, dir: { local: { a: null } } } },
      {
        metadata: {},
        spec: { dir: { local: {} } },
      },
    ],
    [
      'unknown fields',
      { spec: { podTemplate: { deep: [1] } }, extra: 1 },
      {
        metadata: {},
        spec: { podTemplate: { deep: [1] } },
        extra: 1,
      },
    ],
    [
      'names that every object inherits',
      { spec: { toString: 1, constructor: null } },
      {
        metadata: {},
        spec: { toString: 1, constructor: null },
      },
    ],
  ]
  for (const [name, value, expected] of cases)
    void t.test(name, async t => t.strictSame(parseAtlasMigration(value), { migration: expected }))

  void t.test('a file named __proto__ is a file', async t => {
    const value: unknown = JSON.parse('{"spec":{"dir":{"local":{"__proto__":"x"}}}}')
    const result = parseAtlasMigration(value)
    t.strictSame('migration' in result && Object.keys(result.migration.spec.dir?.local ?? {}), [
      '__proto__',
    ])
  })
})

void t.test('a ConfigMap and a Secret', async t => {
  t.strictSame(parseConfigMap({ data: { a: null, b: 'x' }, binaryData: null }), {
    configMap: { metadata: {}, data: { a: '', b: 'x' } },
  })
  t.strictSame(parseSecret({ type: 'Opaque', stringData: { url: null } }), {
    secret: { metadata: {}, type: 'Opaque', stringData: { url: '' } },
  })
  t.match(parseConfigMap({ data: { a: 1 } }), {
    problems: ['data.a: expected string, found integer (put it in quotes)'],
  })
  t.match(parseSecret({ data: { password: 12345 } }), {
    problems: ['data.password: expected string, found integer (put it in quotes)'],
    paths: [['data', 'password']],
  })
})

void t.test('every object that an API server really sent is read', async t => {
  const folder = 'test/fixtures/reviews'
  for (const file of readdirSync(folder)) {
    const review = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as {
      request: { kind: { kind: string }; object: unknown; oldObject: unknown }
    }
    for (const object of [review.request.object, review.request.oldObject]) {
      if (object === null || object === undefined) continue
      const isMap = review.request.kind.kind === 'ConfigMap'
      const result = isMap ? parseConfigMap(object) : parseAtlasMigration(object)
      t.notOk('problems' in result, file)
    }
  }
})

/** Places where `ours` says something else than the operator's CRD. */
function differences(ours: Shape, crd: unknown, path = ''): string[] {
  const theirs = crd as {
    type?: string
    enum?: string[]
    items?: unknown
    required?: string[]
    properties?: Record<string, unknown>
    additionalProperties?: unknown
  }
  if (theirs?.type !== ours.type) return [path]
  if (ours.type === 'array') return differences(ours.items, theirs.items, `${path}[]`)
  if (ours.type === 'string') return String(ours.enum) === String(theirs.enum) ? [] : [path]
  if (ours.type !== 'object') return []
  const required = String(ours.required) === String(theirs.required) ? [] : [`${path} required`]
  const values = ours.additionalProperties
    ? differences(ours.additionalProperties, theirs.additionalProperties, `${path}{}`)
    : []
  const fields = Object.entries(ours.properties ?? {}).flatMap(([key, shape]) =>
    differences(shape, theirs.properties?.[key], `${path}.${key}`),
  )
  return [...required, ...values, ...fields]
}

void t.test('the shape agrees with the CRD of operator 0.7, and has what 0.8 added', async t => {
  const crd: unknown = JSON.parse(
    readFileSync('test/fixtures/crd/atlasmigrations.schema.json', 'utf8'),
  )
  const { metadata: _, ...properties } = atlasMigrationShape.properties ?? {}
  t.strictSame(differences({ type: 'object', properties }, crd), [
    // Deliberately not required here: the rule directory-missing has the better words.
    '.spec required',
    '.spec.policy',
  ])
})
