import { applyPatch, type Operation } from 'rfc6902'
import t from 'tap'
import type { AtlasMigration, ConfigMap } from '../../src/policy/facts/atlas-migration.js'
import { rules } from '../../src/policy/rules/catalogue.js'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import type { TableFacts } from '../../src/policy/facts/facts.js'
import type { Settings } from '../../src/policy/settings/settings.js'
import type { AdmissionAnswer, AdmissionRequest } from '../../src/review/ports/admission.js'
import { ClusterError } from '../../src/review/ports/cluster-error.js'
import type { Deadline } from '../../src/review/ports/ports.js'
import { buildReviewer } from '../../src/review/reviewer.js'
import { buildRewriter } from '../../src/review/rewriter.js'
import { TargetIndex } from '../../src/review/facts/target-index.js'
import { remarking } from '../../src/review/rewrite/remark.js'
import { evaluate } from '../../src/review/verdict/evaluation.js'
import {
  type ClusterObjects,
  configMap,
  fakeCluster,
  fakeReader,
  filesOf,
  migration,
  namespace,
  readTable,
  request,
  rowsOf,
  secret,
  unhurriedDeadline,
  urlOf,
} from './fakes.js'

interface World extends ClusterObjects {
  readonly tables?: Readonly<Record<string, TableFacts | Promise<TableFacts>>>
  readonly settings?: Partial<Settings>
}

function build(world: World) {
  const cluster = fakeCluster(world)
  const reader = fakeReader(world.tables ?? {})
  const settings: Settings = {
    ...defaultSettings,
    consolidation: { rewrite: 'annotated' },
    ...world.settings,
  }
  const dependencies = {
    cluster,
    reader,
    targets: new TargetIndex(),
    rules,
    settings,
    now: () => new Date('2026-11-24T00:00:00Z'),
    evaluate: remarking(evaluate),
  }
  return { cluster, reader, dependencies }
}

function mutate(world: World, asked: AdmissionRequest, deadline = unhurriedDeadline()) {
  return buildRewriter(build(world).dependencies).review(asked, deadline)
}

function validate(world: World, asked: AdmissionRequest, deadline?: Deadline) {
  return buildReviewer(build(world).dependencies).review(asked, deadline ?? unhurriedDeadline())
}

const schema = filesOf('1', '2')
const seed = filesOf('3', '4')
const both = filesOf('1', '2', '3', '4')

const consolidated = (
  name: string,
  data: Readonly<Record<string, string>>,
  of = 'schema,seed',
) => ({
  ...configMap(name, data),
  metadata: { name, namespace, annotations: { 'atlas-admission.io/consolidates': of } },
})

const spec = (name: string, database = 'app'): AtlasMigration['spec'] => ({
  url: urlOf(database),
  dir: { configMapRef: { name } },
})

const world = {
  configMaps: {
    schema: configMap('schema', schema),
    seed: configMap('seed', seed),
    merged: consolidated('merged', both),
  },
  tables: {
    app: { ...readTable, revisions: rowsOf(both), notClean: 'found schema "public"' },
    empty: { ...readTable, revisions: null },
    partial: { ...readTable, revisions: rowsOf(schema) },
    ahead: { ...readTable, revisions: rowsOf(filesOf('1', '2', '3', '4', '5')) },
    ambiguous: { ...readTable, revisions: rowsOf(both), ambiguous: true },
    down: {
      kind: 'failed',
      failure: 'unreachable',
      message: 'the database cannot be reached',
    },
  },
} satisfies World

const asked = request({ object: migration('app', spec('schema')) })
const git = 'spec.dir.configMapRef.name: merged'

/** The object that is stored. */
function patched(asked: AdmissionRequest, { patch }: AdmissionAnswer): AtlasMigration {
  const object = structuredClone(asked.object) as AtlasMigration
  for (const error of applyPatch(object, (patch ?? []) as Operation[])) if (error) throw error
  return object
}

void t.test(
  'an object that names a consolidated ConfigMap is pointed to the other one',
  async t => {
    const answer = await mutate(world, asked)
    t.match(answer, {
      verdict: 'warn',
      allowed: true,
      auditAnnotations: { rewrite: 'rewritten' },
      findings: [],
      rewrite: { outcome: 'rewritten', from: 'schema', to: 'merged' },
    })
    t.strictSame(answer.warnings, [
      `AtlasMigration shop/app: stored with ${git}, since that consolidates schema; put this into Git`,
    ])
    const stored = patched(asked, answer)
    t.strictSame(stored.spec, { execOrder: 'linear', ...spec('merged') })
    t.strictSame(stored.metadata.annotations, { 'atlas-admission.io/consolidated-from': 'schema' })
    t.equal((await mutate(world, request({ object: stored }))).patch, undefined, 'not twice')
    t.match(await validate(world, request({ object: stored })), { verdict: 'pass', warnings: [] })
  },
)

void t.test('the same happens on a dry run, on update, and before there is a name', async t => {
  const dryRun = await mutate(world, { ...asked, dryRun: true })
  t.strictSame(dryRun, await mutate(world, asked))
  const old = migration('app', { ...spec('schema'), backoffLimit: 3 })
  const update = await mutate(world, request({ object: asked.object, oldObject: old }))
  t.strictSame(update.patch, dryRun.patch)
  const again = await mutate(world, request({ object: asked.object, oldObject: asked.object }))
  t.strictSame(again.patch, dryRun.patch, 'an unchanged one, applied again')
  const { name: _name, ...metadata } = migration('app', {}).metadata
  const unnamed = {
    ...migration('app', spec('schema')),
    metadata: { ...metadata, generateName: 'app-' },
    status: { failed: 0, observedGeneration: -1 },
  }
  const generated = await mutate(world, request({ object: unnamed }))
  t.strictSame(generated.patch, dryRun.patch)
  t.match(generated.warnings, [/^AtlasMigration shop\/app-: stored with /])
})

void t.test(
  'files beside the ConfigMap are taken away when they are all in the other one',
  async t => {
    const local = { ...spec('schema').dir, local: seed }
    const object = migration('app', { ...spec('schema'), dir: local })
    const answer = await mutate(world, request({ object }))
    t.match(answer.warnings, [/: merged and no spec\.dir\.local, since/])
    t.strictSame(patched(request({ object }), answer).spec.dir, {
      configMapRef: { name: 'merged' },
    })
    const edited = { ...local, local: { ...seed, '3_x.sql': 'SELECT 33;\n' } }
    const other = request({ object: migration('app', { ...spec('schema'), dir: edited }) })
    t.match(await mutate(world, other), { rewrite: { outcome: 'unsafe' }, patch: undefined })
    t.match(await validate(world, other), {
      status: {
        message:
          /\[multiple-directories][^]*ConfigMap merged consolidates schema, but is not used: it does not have 3_x\.sql as it is now/,
      },
    })
  },
)

type Left = [title: string, asked: AdmissionRequest, world?: World]

const of = (spec: AtlasMigration['spec']) => request({ object: migration('app', spec) })
const terminating = {
  ...migration('app', spec('schema')),
  metadata: { ...migration('app', {}).metadata, deletionTimestamp: '2026-11-24T00:00:00Z' },
}
const leftAlone: Left[] = [
  ['when the policy says nothing', asked, { ...world, settings: { ...defaultSettings } }],
  ['that names another ConfigMap', of(spec('other'))],
  ['that names the consolidated one', of(spec('merged'))],
  ['that has files of its own', of({ ...spec('x'), dir: { local: schema } })],
  ['without a directory', of({ url: urlOf('app') })],
  ['with a reference without a name', of({ ...spec('x'), dir: { configMapRef: {} } })],
  [
    'that has a remote directory, which wins',
    of({ ...spec('x'), dir: { ...spec('schema').dir, remote: { name: 'shop' } } }),
  ],
  ['that cannot be read', request({ object: { ...asked.object!, spec: 1 } })],
  ['that is being deleted', request({ object: terminating, oldObject: terminating })],
  ['that is deleted', request({ oldObject: asked.object })],
  ['of another kind', request({ kind: 'ConfigMap', object: world.configMaps.schema })],
  ['of a third kind', request({ kind: 'Secret', object: secret('database', { url: 'x' }) })],
  ['whose status is written', { ...asked, subResource: 'status' }],
]

for (const [title, asked, other = world] of leftAlone) {
  void t.test(`an object ${title} is left alone without a word`, async t => {
    t.strictSame(await mutate(other, asked), {
      verdict: 'skip',
      allowed: true,
      warnings: [],
      auditAnnotations: {},
      findings: [],
    })
  })
}

type Kept = [
  title: string,
  outcome: 'unsafe' | 'ambiguous' | 'undecided',
  asked: AdmissionRequest,
  world: World,
  says: string,
]

const withMaps = (configMaps: Readonly<Record<string, ConfigMap | Error>>): World => ({
  ...world,
  configMaps: { ...world.configMaps, ...configMaps },
})
const forbidden = new ClusterError('no right to list configmaps')
const notUsed = 'ConfigMap merged consolidates schema, but is not used: '
const kept: Kept[] = [
  [
    'two ConfigMaps claim the same source',
    'ambiguous',
    asked,
    withMaps({ other: consolidated('other', both) }),
    'ConfigMap schema is not replaced: more than one could be meant: merged and other',
  ],
  [
    'the operator would go down',
    'unsafe',
    of(spec('schema', 'ahead')),
    world,
    `${notUsed}the operator would migrate down to 4`,
  ],
  [
    'the consolidated files do not match their sum',
    'unsafe',
    asked,
    withMaps({ merged: consolidated('merged', { ...both, '4_x.sql': 'SELECT 44;\n' }) }),
    `${notUsed}the operator would stop: checksum mismatch`,
  ],
  [
    'the source has a file more by now',
    'unsafe',
    asked,
    withMaps({ schema: configMap('schema', filesOf('1', '2', '5')) }),
    `${notUsed}it does not have 5_x.sql as it is now`,
  ],
  [
    'a rule would deny the result',
    'unsafe',
    of({ ...spec('schema'), protectedFlows: { migrateDown: { allow: true } } }),
    world,
    `${notUsed}rule down-flow-invalid would object: `,
  ],
  [
    'nothing can be predicted',
    'unsafe',
    of(spec('schema', 'ambiguous')),
    world,
    `${notUsed}what the operator would do cannot be predicted`,
  ],
  [
    'there is no target',
    'unsafe',
    of({ dir: spec('schema').dir! }),
    world,
    `${notUsed}what the operator would do cannot be predicted`,
  ],
  [
    'the database is down',
    'undecided',
    of(spec('schema', 'down')),
    world,
    `${notUsed}the database cannot be reached`,
  ],
  [
    'the source cannot be read',
    'undecided',
    asked,
    withMaps({ schema: forbidden }),
    `${notUsed}ConfigMap schema cannot be read: no right to list configmaps`,
  ],
  [
    'ConfigMaps cannot be listed',
    'undecided',
    asked,
    { ...world, consolidated: forbidden },
    'ConfigMap schema is not replaced: ConfigMaps that may consolidate it cannot be listed: no right to list configmaps',
  ],
]

for (const [title, outcome, asked, world, says] of kept) {
  void t.test(
    `an object is left alone when ${title}, and the validating answer says so`,
    async t => {
      const answer = await mutate(world, asked)
      t.match(answer, { allowed: true, warnings: [], rewrite: { outcome, from: 'schema' } })
      t.notOk(answer.patch)
      const { warnings, status } = await validate(world, asked)
      const said = [...warnings, ...(status?.message.split('\n') ?? [])]
      t.ok(
        said.some(line => line.includes(says)),
        said.join('\n'),
      )
    },
  )
}

void t.test('a ConfigMap that has just gone is no longer used', async t => {
  const { dependencies, cluster } = build(world)
  const gone = {
    ...dependencies,
    cluster: { ...cluster, readConfigMap: async () => null },
  }
  const answer = await buildRewriter(gone).review(asked, unhurriedDeadline())
  t.match(answer, { rewrite: { outcome: 'unsafe', to: 'merged' }, patch: undefined })
})

void t.test('a source that is gone is still a source', async t => {
  const { schema: _schema, ...configMaps } = world.configMaps
  t.ok((await mutate({ ...world, configMaps }, asked)).patch)
})

void t.test('really new files may run, late ones may not', async t => {
  t.ok((await mutate(world, of(spec('schema', 'partial')))).patch)
  t.ok((await mutate(world, of(spec('schema', 'empty')))).patch)
  const tables = { app: { ...readTable, revisions: rowsOf(seed) } }
  const late = await mutate({ ...world, tables }, asked)
  t.match(late, { rewrite: { outcome: 'unsafe' }, patch: undefined })
})

void t.test('what is stored already needs no proof', async t => {
  const oldObject = migration('app', spec('merged', 'down'))
  const again = request({ object: migration('app', spec('schema', 'down')), oldObject })
  const { dependencies, reader } = build(world)
  const answer = await buildRewriter(dependencies).review(again, unhurriedDeadline())
  t.strictSame(patched(again, answer).spec, oldObject.spec)
  t.strictSame(reader.queries, [], 'no database was asked')
  const moved = { ...again, object: migration('app', spec('schema', 'ahead')) }
  t.match(await mutate(world, moved), { rewrite: { outcome: 'unsafe' } }, 'another database')
})

void t.test('an object that arrives as it was sent is told what could be used', async t => {
  const answer = await validate(world, asked)
  t.match(answer, {
    allowed: false,
    status: {
      message:
        /ConfigMap merged consolidates schema and can be used; fix: spec\.dir\.configMapRef\.name: merged$/m,
    },
  })
  const mode = { mode: 'warn', consolidation: { rewrite: 'annotated' } } as const
  const warned = await validate({ ...world, settings: mode }, asked)
  t.match(warned.warnings.at(-1), /^ConfigMap merged consolidates schema and can be used/)
  const quiet = await validate({ ...world, settings: { ...defaultSettings } }, asked)
  t.notMatch(JSON.stringify(quiet), /consolidates/)
  const written = request({ kind: 'ConfigMap', object: configMap('schema', schema) })
  const used = await validate({ ...world, migrations: [asked.object as AtlasMigration] }, written)
  t.notMatch(JSON.stringify(used), /consolidates/, 'only an AtlasMigration is told')
})

void t.test('a deadline that passes leaves the object alone', async t => {
  const controller = new AbortController()
  const never = new Promise<TableFacts>(() => {})
  const deadline = { at: 0, signal: controller.signal }
  const answer = mutate({ ...world, tables: { app: never } }, asked, deadline)
  setImmediate(() => controller.abort())
  t.match(await answer, {
    verdict: 'error',
    allowed: true,
    warnings: [],
    rewrite: { outcome: 'undecided' },
  })
})

void t.test('the line for Git is whole beside the longest names', async t => {
  const name = 'm'.repeat(63)
  const source = 's'.repeat(63)
  const configMaps = {
    [source]: configMap(source, schema),
    [name]: consolidated(name, both, source),
  }
  const object = migration('a'.repeat(50), spec(source))
  const { warnings } = await mutate({ ...world, configMaps }, request({ object }))
  t.equal(warnings.length, 1)
  t.match(warnings[0], `spec.dir.configMapRef.name: ${name},`)
  t.ok(warnings[0]!.length <= 256)
})
