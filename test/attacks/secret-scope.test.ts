import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { t, test, type Test } from 'tap'
import { makeFolder, postReview } from '../cli/program.js'
import { startServing } from '../cli/serving.js'
import { FakeApiServer } from '../kubernetes/fake-api-server.js'
import { files, withSum } from '../policy/facts/facts-builder.js'
import { reviewOf } from '../webhook/running-server.js'

// Longer than tap's 30 s on a machine where many things run at once.
t.setTimeout(300_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=300000')

/** A server of the attacker's that counts who comes. */
async function startListener(t: Test) {
  let connections = 0
  const server = createServer(socket => {
    connections += 1
    socket.on('error', () => undefined)
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { port, connections: () => connections }
}

function secret(namespace: string, name: string, type = 'Opaque') {
  const value = Buffer.from('s3cr3t').toString('base64')
  return { metadata: { namespace, name }, type, data: { password: value, 'tls.key': value } }
}

/** Sends the password of a Secret to a host of the attacker's. */
function theft(
  namespace: string,
  { name, key, port }: { name: string; key: string; port: number },
) {
  const credentials = {
    scheme: 'postgres',
    user: 'u',
    passwordFrom: { secretKeyRef: { name, key } },
    host: '127.0.0.1',
    port,
    database: 'd',
    parameters: { sslmode: 'disable' },
  }
  const spec = { credentials, dir: { local: withSum(files('1_a')) } }
  const object = {
    apiVersion: 'db.atlasgo.io/v1alpha1',
    kind: 'AtlasMigration',
    metadata: { namespace, name: 'app' },
    spec,
  }
  return reviewOf({ namespace, name: 'app', dryRun: true, object })
}

async function startServe(t: Test, server: FakeApiServer): Promise<string> {
  const folder = makeFolder(t, { config: server.kubeconfig() })
  const args = [
    '--kubernetes',
    `--kubeconfig=${join(folder, 'config')}`,
    '--namespaces=shop,kube-system',
    '--metrics-listen=off',
    '--drain-delay=0s',
  ]
  return (await startServing(t, args, { isCounted: false })).url
}

void test('No Secret of the cluster itself, of a namespace that is not watched, or of a certificate is used', async t => {
  const server = new FakeApiServer()
  await server.listen()
  t.teardown(() => server.close())
  const listener = await startListener(t)
  const { port } = listener
  server.putCore('secrets', secret('kube-system', 'admin'))
  server.putCore('secrets', secret('billing', 'admin'))
  server.putCore('secrets', secret('shop', 'serving', 'kubernetes.io/tls'))
  server.putCore('secrets', secret('shop', 'database'))
  const url = await startServe(t, server)
  const cases = [
    ['kube-system', 'admin', 'password', /nothing in the namespace kube-system is ever read/],
    ['billing', 'admin', 'password', /none of those that are watched/],
    ['shop', 'serving', 'tls.key', /a Secret with the key of a certificate is never read/],
  ] as const
  for (const [namespace, name, key, why] of cases) {
    const { response } = await postReview(url, theft(namespace, { name, key, port }))
    const said = response.warnings?.join() ?? ''
    t.match(said, why, `${namespace}/${name}`)
    t.match(said, /cannot be read/, `${namespace}/${name} is unreadable, not missing`)
    t.notMatch(said, /does not exist|s3cr3t/)
  }
  t.equal(listener.connections(), 0)
  for (const namespace of ['kube-system', 'billing'])
    t.equal(server.countRequests(new RegExp(`/namespaces/${namespace}/secrets`)), 0)
  await postReview(url, theft('shop', { name: 'database', key: 'password', port }))
  t.equal(server.countRequests(/\/namespaces\/shop\/secrets\/database/), 1, 'others are read')
})
