import t from 'tap'
import { defaultSettings } from '../../src/policy/settings/default-settings.js'
import type { AtlasMigration, Secret } from '../../src/policy/facts/atlas-migration.js'
import type { OperatorSettings } from '../../src/policy/settings/settings.js'
import { parseLabelSelector } from '../../src/policy/settings/label-selector.js'
import { fakeReviewer } from './fake-reviewer.js'
import {
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

const all = filesOf('1', '2', '3')
const broken = migration('app', {
  url: urlOf('app'),
  dir: { configMapRef: { name: 'fewer' } },
})

const fromSecret = { url: '', urlFrom: { secretKeyRef: { name: 'database', key: 'url' } } }

const selector = (text: string) => parseLabelSelector(text) ?? []

/** A review of an AtlasMigration that would go down. */
function review(operator: Partial<OperatorSettings>, object: AtlasMigration | Secret = broken) {
  const reviewer = fakeReviewer({
    cluster: fakeCluster({
      configMaps: { fewer: configMap('fewer', filesOf('1', '2')) },
      migrations: [migration('by-secret', { ...broken.spec, ...fromSecret })],
    }),
    reader: fakeReader({ app: { ...readTable, revisions: rowsOf(all) } }),
    settings: { ...defaultSettings, operator: { ...defaultSettings.operator, ...operator } },
  })
  const kind = 'data' in object ? 'Secret' : 'AtlasMigration'
  return reviewer.review(request({ kind, object }), unhurriedDeadline())
}

void t.test('an object that the operator watches is judged', async t => {
  t.equal((await review({})).allowed, false)
  t.equal((await review({ namespaces: [namespace] })).allowed, false)
  t.equal((await review({ labelSelector: selector('!other') })).allowed, false)
})

void t.test('an object outside of its scope is admitted, and told so', async t => {
  const elsewhere = await review({ namespaces: ['other'] })
  t.equal(elsewhere.allowed, true)
  t.match(elsewhere.warnings, [/no operator reconciles it: namespace .* operator\.namespaces/])
  const unselected = await review({ labelSelector: selector('team=shop') })
  t.equal(unselected.allowed, true)
  t.match(unselected.warnings, [/its labels do not match operator\.labelSelector/])
})

void t.test('a custom config is denied where the operator takes none', async t => {
  const config = 'env "k8s" {}'
  const object = migration('app', { ...broken.spec, config, envName: 'k8s' })
  t.match(JSON.stringify(await review({ allowCustomConfig: false }, object)), 'config-incomplete')
  t.notMatch(JSON.stringify(await review({ allowCustomConfig: true }, object)), 'config-incomplete')
  t.notMatch(JSON.stringify(await review({}, object)), 'config-incomplete')
  t.notMatch(JSON.stringify(await review({ allowCustomConfig: false })), 'config-incomplete')
})

void t.test('the API server of operator 0.7 drops a drift policy', async t => {
  const object = migration('app', { ...broken.spec, policy: { drift: {} } })
  t.match(JSON.stringify(await review({ version: '0.8' }, object)), 'drift-policy')
  t.match(JSON.stringify(await review({}, object)), 'drift-policy')
  t.notMatch(JSON.stringify(await review({ version: '0.7' }, object)), 'drift-policy')
})

void t.test('a Secret that wakes nobody says so', async t => {
  const object = secret('database', { url: urlOf('app') })
  const { warnings } = await review({ watchSecrets: false }, object)
  t.match(warnings.join(), 'the operator does not watch Secrets here')
  t.notMatch((await review({}, object)).warnings.join(), 'does not watch')
})
