import t from 'tap'
import { parseLabelSelector, selectsLabels } from '../../../src/policy/settings/label-selector.js'

// The syntax and its meaning: Kubernetes, "Labels and Selectors".
const selectors: readonly [selector: string, labels: Record<string, string>, selected: boolean][] =
  [
    ['', {}, true],
    ['app=shop', { app: 'shop' }, true],
    ['app == shop', { app: 'shop' }, true],
    ['app=shop', { app: 'shops' }, false],
    ['app=shop', {}, false],
    ['app!=shop', {}, true],
    ['app!=shop', { app: 'shop' }, false],
    ['app in (shop, billing)', { app: 'billing' }, true],
    ['app in (shop, billing)', {}, false],
    ['app notin (shop,billing)', { app: 'billing' }, false],
    ['app notin (shop,billing)', {}, true],
    ['example.com/app', { 'example.com/app': '' }, true],
    ['!app', { app: '' }, false],
    ['!app', {}, true],
    ['app=', { app: '' }, true],
    ['app=shop,tier in (a,b),!old', { app: 'shop', tier: 'b' }, true],
    ['app=shop,tier in (a,b),!old', { app: 'shop', tier: 'b', old: '1' }, false],
    ['constructor', {}, false],
  ]

for (const [selector, labels, selected] of selectors)
  void t.test(`${selector || 'everything'} for ${JSON.stringify(labels)}`, async t => {
    const requirements = parseLabelSelector(selector)
    t.not(requirements, null)
    t.equal(selectsLabels(requirements ?? [], new Map(Object.entries(labels))), selected)
  })

for (const bad of [
  '=a',
  'a in',
  'a in b',
  'a=(b)',
  'a,,b',
  'a in (b',
  'a'.repeat(1001),
  ',',
  'a b',
])
  void t.test(`${bad.slice(0, 20)} is no selector`, async t => {
    t.equal(parseLabelSelector(bad), null)
  })
