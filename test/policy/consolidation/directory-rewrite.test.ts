import { applyPatch, type Operation } from 'rfc6902'
import t from 'tap'
import type { AtlasMigration, ObjectMetadata } from '../../../src/policy/facts/atlas-migration.js'
import { type ClaimedBy, findClaim } from '../../../src/policy/consolidation/consolidation-claim.js'
import { rewritePatch, rewritten } from '../../../src/policy/consolidation/directory-rewrite.js'

const candidate = (name: string, consolidates?: string, more: ObjectMetadata = {}) => ({
  name,
  ...(consolidates !== undefined && {
    annotations: { 'atlas-admission.io/consolidates': consolidates },
  }),
  ...more,
})
const one = (name: string): ClaimedBy => ({ kind: 'one', name })
const several = (...names: readonly string[]): ClaimedBy => ({ kind: 'several', names })
const nobody: ClaimedBy = { kind: 'nobody' }

type Claim = [title: string, candidates: readonly ObjectMetadata[], expected: ClaimedBy]

const claims: Claim[] = [
  ['nobody, when there are no candidates', [], nobody],
  ['nobody, when the annotation is missing', [candidate('merged'), { name: 'bare' }], nobody],
  ['nobody, when it is empty', [candidate('merged', '')], nobody],
  ['nobody, when it lists others', [candidate('merged', 'seed, schema-old')], nobody],
  ['the one that lists it alone', [candidate('merged', 'schema')], one('merged')],
  ['the one that lists it among others', [candidate('merged', 'seed , schema,')], one('merged')],
  [
    'not one that is being deleted',
    [candidate('merged', 'schema', { deletionTimestamp: '2026-11-24T00:00:00Z' })],
    nobody,
  ],
  ['not itself', [candidate('schema', 'schema')], nobody],
  ['the one that lists itself too', [candidate('merged', 'schema,merged')], one('merged')],
  ['both of two, by name', [candidate('b', 'schema'), candidate('a', 'schema')], several('a', 'b')],
  ['the last of a chain', [candidate('all', 'merged'), candidate('merged', 'schema')], one('all')],
  [
    'both of two that claim the last of a chain',
    [candidate('merged', 'schema'), candidate('x', 'merged'), candidate('y', 'merged')],
    several('x', 'y'),
  ],
  [
    'a circle back to it',
    [candidate('a', 'schema'), candidate('schema', 'a')],
    several('a', 'schema'),
  ],
  ['a circle behind it', [candidate('a', 'schema,b'), candidate('b', 'a')], several('a', 'b')],
]

for (const [title, candidates, expected] of claims) {
  void t.test(`a ConfigMap is consolidated by ${title}`, async t => {
    t.strictSame(findClaim('schema', candidates), expected)
  })
}

void t.test('a candidate without a name is no claim', async t => {
  const { name: _name, ...metadata } = candidate('', 'schema')
  t.strictSame(findClaim('schema', [metadata]), nobody)
})

type Rewrite = [
  title: string,
  object: AtlasMigration,
  spec: AtlasMigration['spec'],
  annotations: Readonly<Record<string, string>>,
]

const named = { configMapRef: { name: 'schema' } }
const merged = { dir: { configMapRef: { name: 'merged' } } }
const mark = 'atlas-admission.io/consolidated-from'
const rewrites: Rewrite[] = [
  ['no annotations', { metadata: {}, spec: { dir: named } }, merged, { [mark]: 'schema' }],
  [
    'empty annotations',
    { metadata: { annotations: {} }, spec: { dir: named } },
    merged,
    { [mark]: 'schema' },
  ],
  [
    'annotations of others',
    { metadata: { annotations: { 'a/b~c': '1' } }, spec: { dir: named, url: 'x' } },
    { ...merged, url: 'x' },
    { 'a/b~c': '1', [mark]: 'schema' },
  ],
  [
    'the mark of an earlier rewrite',
    { metadata: { annotations: { [mark]: 'old' } }, spec: { dir: named } },
    merged,
    { [mark]: 'schema' },
  ],
  [
    'files of its own beside the ConfigMap',
    { metadata: {}, spec: { dir: { ...named, local: { '1.sql': 'SELECT 1;' } } } },
    merged,
    { [mark]: 'local+schema' },
  ],
]

for (const [title, object, spec, annotations] of rewrites) {
  void t.test(`the patch of an object with ${title} gives the rewritten object`, async t => {
    const rewrite = { migration: object, from: 'schema', to: 'merged' }
    const expected = { metadata: { annotations }, spec }
    t.strictSame(rewritten(rewrite), expected)
    const patched = structuredClone(object)
    const errors = applyPatch(patched, rewritePatch(rewrite) as Operation[])
    t.strictSame(
      errors.filter(error => error !== null),
      [],
    )
    t.strictSame(patched, expected)
    const paths = rewritePatch(rewrite).map(({ path }) => path)
    t.ok(
      paths.every(path => /^\/spec\/dir\/|^\/metadata\/annotations/.test(path)),
      String(paths),
    )
  })
}

void t.test('the patch fits no object that names another ConfigMap', async t => {
  const migration: AtlasMigration = { metadata: {}, spec: { dir: named } }
  const other = { metadata: {}, spec: { dir: { configMapRef: { name: 'other' } } } }
  const patch = rewritePatch({ migration, from: 'schema', to: 'merged' })
  const [error] = applyPatch(other, patch as Operation[])
  t.equal(error?.name, 'TestError')
})

void t.test('an object without a directory is given no other field', async t => {
  const migration: AtlasMigration = { metadata: {}, spec: {} }
  t.strictSame(rewritten({ migration, from: 'schema', to: 'merged' }).spec, merged)
})
