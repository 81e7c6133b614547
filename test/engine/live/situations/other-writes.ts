import {
  configMap,
  dirState,
  migrate,
  migration,
  readRecordedCase,
  secret,
  type TestConfigMap,
  type TestSecret,
} from '../live-gate.js'
import { execute } from '../../../database/test-postgres.js'
import { withSum } from '../../../policy/facts/facts-builder.js'
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { appPlace, create, pair, refusal, rewritten, third, type Row } from './situation.js'
import { firstOfPair } from './directory-defects.js'

// The happy path, and writes of other objects than the AtlasMigration.

export const happyPath: readonly Row[] = [
  [
    'a-happy-path',
    async ({ object }) => ({ objects: [await recordedConfigMap()], write: create(object) }),
    { first: 'apply', next: 'ready', condition: 'first', denied: [], warned: [] },
  ],
  [
    'written again when all has run, with the recorded rows and dir-state',
    async ({ url }) => {
      const [directory, stored] = [await recordedConfigMap(), await recordedDirState()]
      await migrate(url, directory.data!)
      const { object } = await readRecordedCase('a-happy-path', url)
      return { objects: [directory, stored], write: { before: object, after: object } }
    },
    { first: 'ready', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
]

async function recordedConfigMap(): Promise<TestConfigMap> {
  return parse(await readFile('test/fixtures/cases/a-configmap.yaml', 'utf8')) as TestConfigMap
}

async function recordedDirState(): Promise<TestSecret> {
  return parse(await readFile('test/fixtures/cases/a-dirstate-secret.yaml', 'utf8')) as TestSecret
}

export const otherWrites: readonly Row[] = [
  [
    'a new file by a write of the ConfigMap alone',
    ({ url }) => rewritten(appPlace(url), withSum({ ...pair, ...third })),
    { first: 'apply', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'a mere annotation of the ConfigMap',
    async ({ url }) => {
      const { objects, write } = await rewritten(appPlace(url), pair)
      const { metadata, ...rest } = write.after!
      const annotated = { ...metadata, annotations: { a: 'b' } }
      return { objects, write: { ...write, after: { ...rest, metadata: annotated } } }
    },
    { first: 'ready', next: 'ready', condition: 'first', message: '', denied: [], warned: [] },
  ],
  [
    'an immutable ConfigMap, deleted and created again with a file less',
    async ({ url }) => {
      const { objects, write } = await rewritten(appPlace(url), firstOfPair)
      return { objects: objects.slice(1), write: create(write.after) }
    },
    {
      first: 'down',
      condition: 'first',
      message: refusal,
      denied: ['migrate-down-predicted'],
      warned: [],
    },
  ],
  [
    'one ConfigMap for two databases, of which one is further',
    async ({ url }, gate) => {
      const further = await gate.createDatabase()
      await migrate(further, withSum({ ...pair, ...third }))
      const before = withSum({ ...pair, ...third })
      await migrate(url, pair)
      const dir = { configMapRef: { name: 'app' } }
      const objects = [
        configMap('app', before),
        migration('further', { url: further, dir }),
        migration('behind', { url, dir }),
      ]
      return { objects, write: { before: configMap('app', before), after: configMap('app', pair) } }
    },
    {
      first: 'down',
      condition: 'first',
      message: refusal,
      denied: ['migrate-down-predicted'],
      warned: [],
    },
  ],
  [
    'a Secret that comes to name a copy of the database without its revisions',
    async ({ url }, gate) => {
      const copy = await gate.createDatabase()
      await execute(copy, 'create table a (id int)', 'create table b (id int)')
      await migrate(url, pair)
      const urlFrom = { secretKeyRef: { name: 'database', key: 'url' } }
      const objects = [
        configMap('app', pair),
        migration('app', { urlFrom, dir: { configMapRef: { name: 'app' } } }),
        secret('database', { url }),
        await dirState('app', pair),
      ]
      const write = {
        before: secret('database', { url }),
        after: secret('database', { url: copy }),
      }
      return { objects, write }
    },
    {
      first: 'apply',
      condition: 'first',
      message:
        'Error: sql/migrate: connected database is not clean: found schema "public". baseline version or allow-dirty is required',
      denied: ['baseline-required', 'revision-table-incomplete'],
      warned: [],
    },
  ],
  [
    'rewrite-ssa-object',
    async ({ url, object }) => {
      await migrate(url, pair)
      return {
        objects: [configMap('mig-merged', pair, object.metadata.namespace)],
        write: { before: object, after: object },
      }
    },
    { first: 'ready', next: 'ready', condition: 'first', denied: [], warned: [] },
  ],
  [
    'rewrite-clientside-object',
    async ({ url, object }) => {
      await migrate(url, pair)
      return {
        objects: [configMap('mig-merged', pair, object.metadata.namespace)],
        write: { before: object, after: object },
      }
    },
    { first: 'ready', next: 'ready', condition: 'first', denied: [], warned: [] },
  ],
  [
    'rewrite-inline-ssa-object',
    async ({ url, object }) => {
      await migrate(url, pair)
      const dir = { configMapRef: { name: 'mig2' } }
      const before = { ...object, spec: { ...object.spec, dir } }
      return {
        objects: [configMap('mig2', pair, object.metadata.namespace)],
        write: { before, after: object },
      }
    },
    { first: null, condition: 'text', denied: ['multiple-directories'], warned: [] },
  ],
]
