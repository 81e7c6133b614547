import { test } from 'tap'
import type { FollowedCluster } from '../../../src/gate/opened-cluster.js'
import { inScope } from '../../../src/cli/serve/scoped-cluster.js'
import { ClusterError } from '../../../src/review/ports/cluster-error.js'
import { fakeCluster, unhurriedDeadline } from '../../review/fakes.js'

void test('The Secret that the serving certificate is kept in is read by no review', async t => {
  const secrets = { webhook: { metadata: { name: 'webhook' } } }
  const more = { problems: () => [], onChange: () => () => {}, close: () => {} }
  const cluster: FollowedCluster = { ...fakeCluster({ secrets }), ...more }
  const kubernetes = { kind: 'kubernetes', kubeconfig: null, namespaces: [] } as const
  const secret = { namespace: 'gate', name: 'webhook' }
  const kept = { kind: 'cluster', secret, service: secret, configurations: [] } as const
  const deadline = unhurriedDeadline()
  const scoped = inScope({ cluster }, kubernetes, kept).cluster
  await t.rejects(scoped.readSecret('gate', 'webhook', deadline), ClusterError)
  t.match(await scoped.readSecret('shop', 'webhook', deadline), secrets.webhook)
  const elsewhere = inScope({ cluster }, kubernetes, { kind: 'memory' }).cluster
  t.match(await elsewhere.readSecret('gate', 'webhook', deadline), secrets.webhook)
  const folder = inScope(
    { cluster },
    { kind: 'manifests', folder: 'd' },
    { kind: 'memory' },
  ).cluster
  t.equal(folder, cluster)
})
