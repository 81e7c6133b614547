import { test } from 'tap'
import { limitsAt } from '../../../src/cli/input/database-limits.js'
import { defaultSettings } from '../../../src/policy/settings/default-settings.js'

void test('Own addresses are refused in a pod of the cluster, and where the policy says so', async t => {
  const { database } = defaultSettings
  const placed = (place: Parameters<typeof limitsAt>[0], ownAddresses = database.ownAddresses) =>
    limitsAt(place, { ...database, ownAddresses }).ownAddresses
  const pod = { kind: 'kubernetes', kubeconfig: null, namespaces: [] } as const
  const laptop = { ...pod, kubeconfig: { file: 'config' } }
  t.equal(placed(pod), 'refused')
  t.equal(placed(laptop), 'allowed')
  t.equal(placed({ kind: 'manifests' }), 'allowed')
  t.equal(placed(null), 'allowed')
  t.equal(placed(pod, 'allowed'), 'allowed')
  t.equal(placed(laptop, 'refused'), 'refused')
})
