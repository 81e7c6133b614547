import { join } from 'node:path'
import t from 'tap'
import { makeFolder, postReview } from '../cli/program.js'
import { startServing } from '../cli/serving.js'
import { type Fault, FakeApiServer } from '../kubernetes/fake-api-server.js'
import { reviewOf } from '../webhook/running-server.js'

t.setTimeout(300_000)

const spec = { url: 'postgres://u:p@127.0.0.1:1/shop', dir: { local: {} } }
const stored = { metadata: { namespace: 'shop', name: 'schema' }, spec }
const finalized = { ...stored, metadata: { ...stored.metadata, finalizers: ['x/y'] } }
const deleting = {
  ...stored,
  metadata: { ...stored.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
}
const configMap = { group: '', version: 'v1', kind: 'ConfigMap' }
const files = { metadata: { namespace: 'shop', name: 'files' }, data: { 'atlas.sum': 'x' } }

type Write = [title: string, request: Record<string, unknown>]

const writes: readonly Write[] = [
  ['an unchanged object', { operation: 'UPDATE', object: stored, oldObject: stored }],
  ['a finalizer', { operation: 'UPDATE', object: finalized, oldObject: stored }],
  ['/status', { operation: 'UPDATE', subResource: 'status', object: stored, oldObject: stored }],
  ['an object being deleted', { operation: 'UPDATE', object: deleting, oldObject: stored }],
  ['a deletion', { operation: 'DELETE', object: null, oldObject: stored }],
  [
    'the deletion of a ConfigMap',
    { kind: configMap, operation: 'DELETE', object: null, oldObject: files },
  ],
  [
    'an unchanged ConfigMap',
    { kind: configMap, operation: 'UPDATE', object: files, oldObject: files },
  ],
]

void t.test(
  'what is never denied is admitted before the cluster is known, with onError: deny',
  async t => {
    const server = new FakeApiServer()
    await server.listen()
    t.teardown(() => server.close())
    server.fail('list', ...Array<Fault>(1000).fill(404))
    const folder = makeFolder(t, { config: server.kubeconfig(), 'policy.yaml': 'onError: deny\n' })
    const args = [
      '--kubernetes',
      `--kubeconfig=${join(folder, 'config')}`,
      `--policy=${join(folder, 'policy.yaml')}`,
      '--metrics-listen=off',
    ]
    const { url } = await startServing(t, args, { isCounted: false })
    for (const [title, request] of writes) {
      const { response } = await postReview(url, reviewOf(request), 2)
      t.equal(response.allowed, true, title)
    }
    const changed = { operation: 'CREATE', object: stored, oldObject: null }
    const { response } = await postReview(url, reviewOf(changed), 1)
    t.match(response, { allowed: false, status: { code: 503 } }, 'anything else is asked for again')
  },
)
