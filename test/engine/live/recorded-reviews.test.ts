import { readdir, readFile } from 'node:fs/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { AtlasMigration } from '../../../src/policy/facts/atlas-migration.js'
import { execute, insertRevisions } from '../../database/test-postgres.js'
import { withSum } from '../../policy/facts/facts-builder.js'
import {
  checkResponse,
  configMap,
  migrate,
  migration,
  startLiveGate,
  startServedGate,
  warnedRules,
  type ReviewResponse,
} from './live-gate.js'

// AdmissionReviews as a kube-apiserver (1.36.3) sent them, in the cluster and database they were recorded in.

const folder = 'test/fixtures/reviews'
const live = await startLiveGate(t)
const served = await startServedGate(t, live)
const server = `127.0.0.1:${live.postgres.port}`

for (const name of ['gt_w', 'gt_dev'])
  await execute(live.postgres.url('postgres'), `CREATE DATABASE ${name} STRATEGY = FILE_COPY`)
const url = live.postgres.url('gt_w')

const two = withSum({
  '20250101000000_a.sql': 'create table a (id int);\n',
  '20250102000000_b.sql': 'create table b (id int);\n',
})
/** How the ConfigMap was left later: with a late file, which stopped the operator. */
const late = withSum({
  ...two,
  '20250101120000_late.sql': 'create table c (id int);\n',
  '20250103000000_d.sql': 'create table d (id int);\n',
})

/** The namespace `w` at the time of a request. */
interface State {
  readonly directory: typeof two | null
  /** AtlasMigrations, all of the same spec. */
  readonly migrations: readonly string[]
}

function objectsOf({ directory, migrations }: State) {
  const dir = { configMapRef: { name: 'mig' } }
  return [
    ...(directory ? [configMap('mig', directory, 'w')] : []),
    ...migrations.map((name): AtlasMigration => migration(name, { url, dir }, 'w')),
  ]
}

type Row = [file: string, state: State, warned: readonly string[]]

const beforeAll: State = { directory: null, migrations: [] }
const withDirectory: State = { directory: two, migrations: [] }
const one: State = { directory: two, migrations: ['one'] }
const oneTwo: State = { directory: two, migrations: ['one', 'two'] }
const oneThree: State = { directory: two, migrations: ['one', 'three'] }
const stuck: State = { directory: late, migrations: ['three', 'gen-kp6bx'] }

/** Two names for one directory on one table: a rename in progress, worth a warning. */
const shared = ['revision-table-shared']

const onEmptyDatabase: readonly Row[] = [
  ['configmap.create.validating', beforeAll, []],
  ['create.mutating', withDirectory, []],
  ['create.validating', withDirectory, []],
]

const whenApplied: readonly Row[] = [
  ['apply-client-side.create.validating', one, shared],
  ['apply-client-side.update.validating', oneTwo, shared],
  ['delete.validating', oneTwo, []],
  ['apply-server-side.create.mutating', one, []],
  ['apply-server-side.create.validating', one, shared],
  ['apply-server-side.no-change.validating', oneThree, shared],
  ['apply-server-side.update.mutating', oneThree, []],
  ['apply-server-side.update.validating', oneThree, shared],
  ['dry-run-server.create.validating', oneThree, shared],
  ['dry-run-server.ssa-update.validating', oneThree, shared],
  ['kubectl-diff.validating', oneThree, shared],
  ['delete.dry-run.validating', oneThree, []],
  ['patch-merge.validating', oneThree, shared],
  ['patch-json.validating', oneThree, shared],
  ['replace.validating', oneThree, shared],
  ['annotate-only.validating', oneThree, shared],
  ['finalizer-add.validating', oneThree, shared],
  ['update-while-terminating.validating', oneThree, []],
  ['finalizer-remove.terminating.validating', oneThree, []],
  // Each of the two is told of the other.
  ['configmap.annotate.validating', oneThree, [...shared, ...shared]],
  ['status-subresource.by-operator.validating', stuck, []],
  ['status-subresource.by-user.validating', stuck, []],
  // Its status was forged before; the version there is no file's.
  [
    'main-resource-with-status-in-patch.validating',
    stuck,
    ['revision-table-shared', 'file-out-of-order'],
  ],
  [
    'configmap.dry-run.validating',
    stuck,
    ['revision-table-shared', 'file-out-of-order', 'revision-table-shared', 'file-out-of-order'],
  ],
  ['delete-foreground.validating', oneTwo, []],
  ['namespace-delete.validating', stuck, []],
  ['namespace-deletion.configmap.validating', stuck, []],
]

async function post(file: string): Promise<ReviewResponse & { readonly sentUid: string }> {
  const text = await readFile(`${folder}/${file}.json`, 'utf8')
  const body = text.replaceAll('127.0.0.1:5432', server)
  const path = file.endsWith('.mutating') ? '/mutate?timeout=5s' : '/validate?timeout=5s'
  const reply = await served.send({ path, body })
  const { apiVersion, kind, response } = JSON.parse(reply.body) as {
    readonly apiVersion: string
    readonly kind: string
    readonly response: ReviewResponse
  }
  if (reply.status !== 200 || apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview')
    throw new Error(`${file}: no AdmissionReview, but ${reply.status} ${reply.body}`)
  const { request } = JSON.parse(text) as { readonly request: { readonly uid: string } }
  return { ...response, sentUid: request.uid }
}

async function checkAllowed(t: Test, [file, state, warned]: Row): Promise<void> {
  await served.serve(objectsOf(state))
  const { sentUid, ...response } = await post(file)
  t.equal(response.uid, sentUid, 'the uid is echoed')
  t.equal(response.allowed, true, 'allowed')
  t.equal(response.patch, undefined, 'without a patch')
  t.same([...warnedRules(response)].sort(), [...warned].sort(), 'warned')
  checkResponse(t, response)
}

await t.test('every recorded file is in a table', async t => {
  const files = (await readdir(folder)).map(name => name.replace(/\.json$/, ''))
  const rows = [...onEmptyDatabase, ...whenApplied].map(([file]) => file)
  t.same(rows.sort(), files.sort())
})

await t.test('on the empty database', async t => {
  for (const row of onEmptyDatabase) await t.test(row[0], t => checkAllowed(t, row))
})

await t.test('when both files had run', async t => {
  await migrate(url, two)
  for (const row of whenApplied) await t.test(row[0], t => checkAllowed(t, row))
})

const down = 'migrate-down-predicted'

/** `denied`: rules of the causes; empty when the write did not bring the problem about. */
type LostFileRow = [
  file: string,
  state: State,
  denied: readonly string[],
  warned: readonly string[],
]

const whenAFileIsLost: readonly LostFileRow[] = [
  ['create.validating', withDirectory, [down], []],
  ['apply-client-side.create.validating', one, [down], shared],
  ['apply-server-side.create.validating', one, [down], shared],
  ['configmap.create.validating', { ...one, directory: null }, [down], []],
  // The next object of the delivery may be the ConfigMap with the file.
  ['dry-run-server.create.validating', one, [], [...shared, down]],
  ['apply-client-side.update.validating', oneTwo, [], [...shared, down]],
  ['annotate-only.validating', { ...one, migrations: ['one'] }, [], [down]],
  ['configmap.annotate.validating', one, [], [down]],
  ['delete.validating', oneTwo, [], []],
  ['update-while-terminating.validating', one, [], []],
  ['status-subresource.by-operator.validating', one, [], []],
]

// The same requests on other rows: that nothing above is denied is no proof that anything ever would be.
await t.test('had the database run a file that is lost', async t => {
  await insertRevisions(url, [{ version: '20250103000000', description: 'lost', hash: 'unknown' }])
  for (const [file, state, denied, warned] of whenAFileIsLost)
    await t.test(file, async t => {
      await served.serve(objectsOf(state))
      const { sentUid, ...response } = await post(file)
      t.equal(response.uid, sentUid, 'the uid is echoed')
      t.equal(response.allowed, denied.length === 0, 'allowed')
      const causes = response.status?.details?.causes ?? []
      t.same(
        causes.map(({ reason }) => reason),
        denied,
        'denied',
      )
      if (denied.length > 0) t.match(response.status, { code: 403, reason: 'Forbidden' })
      t.same([...warnedRules(response)].sort(), [...warned].sort(), 'warned')
      checkResponse(t, response)
    })
})
