import { readFile } from 'node:fs/promises'
import t from 'tap'
import { parse } from 'yaml'
import { fieldUnknown } from '../../../src/policy/rules/field-unknown.js'
import { specFields, type SpecFields } from '../../../src/policy/facts/spec-fields.js'
import { check, specFacts, type Said } from './object-facts.js'

const drops = (field: string): Said => ['warn', `${field}: AtlasMigration has no such field`]
const secretKeyRef = { name: 'shop', key: 'url' }

const cases: readonly [title: string, spec: object, said: Said, remedy: string][] = [
  ['a misspelt field', { urlFrm: { secretKeyRef } }, drops('spec.urlFrm'), 'write urlFrom'],
  ['a field of AtlasSchema', { schema: { sql: '' } }, drops('spec.schema'), 'search_path'],
  [
    'a host from a ConfigMap',
    { credentials: { hostFrom: { configMapKeyRef: secretKeyRef } } },
    drops('spec.credentials.hostFrom.configMapKeyRef'),
    'write the host into',
  ],
  [
    'a port from a Secret',
    { credentials: { portFrom: { secretKeyRef } } },
    drops('spec.credentials.portFrom'),
    'write the port into',
  ],
  ['in a list', { vars: [{ key: 'a' }, { kez: 'b' }] }, drops('spec.vars[1].kez'), 'write key'],
  [
    'what is like no other',
    { everythingElse: 1 },
    ['warn', 'spec.everythingElse: AtlasMigration has no such field'],
    'remove it',
  ],
  ['a name of every object', { constructor: 1 }, drops('spec.constructor'), 'remove it'],
  [
    'free maps, and the template of the dev database',
    {
      dir: { local: { 'any.sql': '' } },
      credentials: { parameters: { any: '' } },
      devDB: { spec: { any: 1 } },
    },
    null,
    '',
  ],
  ['fields of operator 0.8', { policy: { drift: {} }, prewarmDevDB: true }, null, ''],
]

for (const [title, spec, said, remedy] of cases)
  void t.test(title, async t => {
    const facts = specFacts(spec)
    check(t, [fieldUnknown, facts], [title, said])
    t.match(fieldUnknown.evaluate(facts)?.remedy ?? '', remedy)
  })

void t.test('an object of an API server has lost them, or a newer definition', async t => {
  const spec: object = { schema: {} }
  const migration = { metadata: { name: 'app', uid: '1' }, spec }
  t.equal(fieldUnknown.evaluate(specFacts({}, { migration })), null)
})

void t.test('a hostile object is named in part', async t => {
  const spec = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, index]))
  t.equal(fieldUnknown.evaluate(specFacts(spec))?.subjects.length, 10)
})

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}

/** Every path of the definition that is not in the list, `devDB` left out. */
function missing(schema: Schema, known: SpecFields | null, path: string): readonly string[] {
  if (schema.items !== undefined) return missing(schema.items, known, path)
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const below = known?.get(name)
    if (below === undefined) return [`${path}.${name}`]
    return name === 'devDB' ? [] : missing(child, below, `${path}.${name}`)
  })
}

void t.test('every field of the definition of operator 0.7 is known', async t => {
  const file = 'test/fixtures/crd/db.atlasgo.io_atlasmigrations.yaml'
  const { spec } = parse(await readFile(file, 'utf8')) as {
    readonly spec: {
      readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[]
    }
  }
  const schema = spec.versions[0]!.schema.openAPIV3Schema.properties!['spec']!
  t.strictSame(missing(schema, specFields, 'spec'), [])
})
