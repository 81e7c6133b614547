import t from 'tap'
import type { AdmissionRequest } from '../../../src/review/ports/admission.js'
import { isNeverDenied } from '../../../src/review/verdict/never-denied.js'

const base: AdmissionRequest = {
  uid: 'u',
  kind: { group: 'db.atlasgo.io', version: 'v1alpha1', kind: 'AtlasMigration' },
  operation: 'UPDATE',
  object: { metadata: { name: 'a' }, spec: { url: 'x' } },
  oldObject: { metadata: { name: 'a' }, spec: { url: 'x' } },
  dryRun: false,
}
const configMap = { group: '', version: 'v1', kind: 'ConfigMap' }
const secret = { group: '', version: 'v1', kind: 'Secret' }
const deleted = { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x'] } }

type Case = [title: string, never: boolean, request: Partial<AdmissionRequest>]

const cases: readonly Case[] = [
  ['an unchanged object', true, {}],
  ['a finalizer', true, { object: { metadata: { finalizers: ['x'] }, spec: { url: 'x' } } }],
  ['labels and status', true, { object: { metadata: {}, status: { a: 1 }, spec: { url: 'x' } } }],
  ['a deletion', true, { operation: 'DELETE', object: null }],
  ['a connection', true, { operation: 'CONNECT' }],
  ['/status', true, { subResource: 'status', object: { spec: { url: 'y' } } }],
  ['an object of no concern', true, { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } }],
  ['an AtlasMigration that is being deleted', true, { object: { ...deleted, spec: { url: 'y' } } }],
  ['a creation', false, { operation: 'CREATE', oldObject: null }],
  ['another spec', false, { object: { metadata: {}, spec: { url: 'y' } } }],
  ['an object that is none', false, { object: 'x', oldObject: 'x' }],
  ['metadata that are none', false, { object: { metadata: 1, spec: { url: 'y' } } }],
  [
    'a ConfigMap with the same content',
    true,
    {
      kind: configMap,
      object: { metadata: { labels: {} }, data: { a: '1' } },
      oldObject: { data: { a: '1' } },
    },
  ],
  [
    'a ConfigMap that is being deleted and emptied',
    false,
    {
      kind: configMap,
      object: { ...deleted, data: {} },
      oldObject: { ...deleted, data: { a: '1' } },
    },
  ],
  [
    'a ConfigMap with other bytes',
    false,
    {
      kind: configMap,
      object: { binaryData: { a: 'eA==' } },
      oldObject: { binaryData: { a: 'eQ==' } },
    },
  ],
  [
    'a Secret with the same values',
    true,
    {
      kind: secret,
      object: { type: 'x', data: { a: 'eA==' } },
      oldObject: { data: { a: 'eA==' } },
    },
  ],
  [
    'a Secret with another',
    false,
    { kind: secret, object: { data: { a: 'eA==' } }, oldObject: {} },
  ],
]

for (const [title, never, request] of cases)
  void t.test(`${title} is ${never ? 'never' : 'possibly'} denied`, async t =>
    t.equal(isNeverDenied({ ...base, ...request }), never),
  )
