import { test } from 'tap'
import { ClusterError } from '../../../src/review/ports/cluster-error.js'
import { readWithin } from '../../../src/review/ports/read-scope.js'
import { fakeCluster, unhurriedDeadline } from '../fakes.js'

const deadline = unhurriedDeadline()

void test('Nothing beyond the scope is read, and all of it is', async t => {
  const cluster = fakeCluster({
    configMaps: { files: { metadata: { name: 'files' } } },
    secrets: {
      database: { metadata: { name: 'database' } },
      serving: { metadata: { name: 'serving' }, type: 'kubernetes.io/tls' },
    },
  })
  const certificateSecret = { namespace: 'shop', name: 'webhook' }
  const scoped = readWithin(cluster, { namespaces: ['shop'], certificateSecret })
  t.match(await scoped.readConfigMap('shop', 'files', deadline), { metadata: { name: 'files' } })
  t.match(await scoped.readSecret('shop', 'database', deadline), { metadata: { name: 'database' } })
  t.equal(await scoped.readSecret('shop', 'none', deadline), null)
  t.same(await scoped.configMapNames('shop', 'f', deadline), ['files'])
  t.same(await scoped.consolidatedConfigMaps('shop', deadline), [])
  t.same(scoped.migrations(), [])
  const before = cluster.reads.length
  await t.rejects(scoped.readSecret('shop', 'webhook', deadline), ClusterError)
  for (const namespace of ['billing', 'kube-system']) {
    await t.rejects(scoped.readSecret(namespace, 'database', deadline), ClusterError)
    await t.rejects(scoped.readConfigMap(namespace, 'files', deadline), ClusterError)
    await t.rejects(scoped.configMapNames(namespace, 'f', deadline), ClusterError)
    await t.rejects(scoped.consolidatedConfigMaps(namespace, deadline), ClusterError)
  }
  t.equal(cluster.reads.length, before, 'none of these was asked for')
  await t.rejects(scoped.readSecret('shop', 'serving', deadline), {
    message: /a Secret with the key of a certificate is never read/,
  })
})

void test('Without watched namespaces all are in scope but those of the cluster', async t => {
  const cluster = fakeCluster({ secrets: { database: { metadata: { name: 'database' } } } })
  const scoped = readWithin(cluster, { namespaces: [], certificateSecret: null })
  t.match(await scoped.readSecret('any', 'database', deadline), { metadata: { name: 'database' } })
  await t.rejects(scoped.readSecret('kube-system', 'database', deadline), {
    message: /nothing in the namespace kube-system is ever read/,
  })
})
